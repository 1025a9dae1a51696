"""Start the command `pspm`.

Importing the rest takes a third of a second. Without this package, a signal in that time would end in a traceback.
"""

import os
import signal
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main() -> int:
    """Run the command; a signal ends it with one sentence from the first moment on."""
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)
    from pspm_runtime.command.cli import main as run

    try:
        return run()
    finally:
        # Everything is done and said.
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def release_signals() -> None:
    """Give the signals their usual handlers back, as soon as the command can answer them itself."""
    if signal.getsignal(signal.SIGINT) is _stop:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGTERM) is _stop:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _stop(number: int, frame: FrameType | None) -> None:
    try:
        os.write(2, b"pspm: interrupted\n")
    finally:
        os._exit(128 + number)
