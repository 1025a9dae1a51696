"""Start the command `pspm`.

Importing the rest takes a third of a second. Without this package, a signal in that time would end in a traceback.
"""

import os
import signal
import sys

from pspm_command.early_signals import SIGNALS, catch_signals

# Commands whose matrices are small: more threads of NumPy's BLAS are not faster, and each spins while it waits.
ONE_BLAS_THREAD = ("video", "webcam", "bench")


def main() -> int:
    """Run the command; a signal ends it with one sentence from the first moment on."""
    catch_signals()
    if getattr(sys, "frozen", False):  # in a frozen program, the worker processes of --jobs start here too
        from multiprocessing import freeze_support

        freeze_support()
    if sys.argv[1:2] and sys.argv[1] in ONE_BLAS_THREAD:  # read once, when NumPy is imported
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from pspm_runtime.command.cli import main as run

    try:
        return run()
    except KeyboardInterrupt:  # a second signal, while the first one was answered
        return 128 + signal.SIGINT
    finally:
        # Everything is done and said.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
