"""Answer a signal with one sentence from the first moment on, before the command knows how to stop."""

import os
import signal
from types import FrameType

# Ctrl-C, the end of a process, and the end of its terminal, which Windows does not have.
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def catch_signals() -> None:
    """End the process with one sentence at a signal, unless it is ignored."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def release_signals() -> None:
    """Give the signals their usual handlers back, for a command that answers them itself."""
    for number in SIGNALS:
        if signal.getsignal(number) is _stop:
            usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, usual)


def _stop(number: int, frame: FrameType | None) -> None:
    try:
        os.write(2, b"pspm: interrupted\n")
    finally:
        os._exit(128 + number)
