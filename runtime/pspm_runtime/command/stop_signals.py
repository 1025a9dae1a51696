"""Let Ctrl-C, SIGTERM and the end of the terminal (SIGHUP) end a run in good order."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pspm_command.early_signals import SIGNALS


class Stopped(KeyboardInterrupt):
    """A signal that ends a run. exit_code: 128 plus the signal's number, as shells have it."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__()
        self.exit_code = 128 + number


class StopSignals:
    """Remembers the first signal, because libraries may drop the KeyboardInterrupt or turn it into another error.

    Later signals change nothing: the run is ending already.
    """

    def __init__(self) -> None:
        self._received: Stopped | None = None
        self._deferred = False

    def check(self) -> None:
        """Raise Stopped if a signal was received."""
        if self._received:
            raise self._received

    def receive(self, number: int, frame: FrameType | None) -> None:
        """The handler of the signals."""
        if self._received:
            return
        self._received = Stopped(number)
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
    """Raise Stopped for a signal, also where a library has turned it into another error."""
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
