"""Let SIGINT (Ctrl-C) and SIGTERM end a run in good order."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a run as Ctrl-C does."""


class StopSignals:
    """Remembers the first signal, because libraries may drop the KeyboardInterrupt or turn it into another error."""

    def __init__(self) -> None:
        self._received: KeyboardInterrupt | None = None
        self._deferred = False

    def check(self) -> None:
        """Raise KeyboardInterrupt if a signal was received."""
        if self._received:
            raise self._received

    def receive(self, number: int, frame: FrameType | None) -> None:
        """The handler of the signals."""
        self._received = Terminated() if number == signal.SIGTERM else KeyboardInterrupt()
        if not self._deferred:
            raise self._received

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Let a signal wait for the end of a short step that must not be left half done."""
        self._deferred = True
        try:
            yield
        finally:
            self._deferred = False
        self.check()


@contextmanager
def stop_signals() -> Iterator[StopSignals]:
    """Raise KeyboardInterrupt for a signal, also where a library has turned it into another error."""
    stop = StopSignals()
    numbers = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    with _handlers(dict.fromkeys(numbers, stop.receive)):
        try:
            yield stop
        except Exception:
            stop.check()
            raise


@contextmanager
def no_signals() -> Iterator[None]:
    """Ignore the signals, so that an account is printed whole."""
    with _handlers(dict.fromkeys(SIGNALS, signal.SIG_IGN)):
        yield


@contextmanager
def _handlers(handlers: "dict[signal.Signals, signal._HANDLER]") -> Iterator[None]:
    try:
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    except ValueError:  # only the main thread may set handlers
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
