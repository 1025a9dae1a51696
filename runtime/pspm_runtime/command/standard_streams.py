"""Standard input, output and error, which a caller may have closed or sent to a full disk."""

import errno
import io
import os
import sys
import warnings
from typing import Any, NoReturn

from pspm_runtime.errors import OutputError, PhotoError, one_line


class ClosedOutput(io.TextIOBase):
    """Takes the place of a closed standard output: whatever is written to it raises OSError."""

    def write(self, text: str) -> NoReturn:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def open_closed_streams() -> None:
    """Give closed standard streams a descriptor, so that no file that is opened later takes their numbers.

    Messages for a closed standard error are dropped.
    """
    for descriptor, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        if stream is None:
            try:
                os.fstat(descriptor)
            except OSError:
                os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    if sys.stdout is None:
        sys.stdout = ClosedOutput()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for the rest of the process


def hide_pillow_warnings() -> None:
    """Keep Pillow's warnings about photos from standard error, for the rest of the process."""
    warnings.filterwarnings("ignore", module=r"PIL\.")


def read_standard_input() -> bytes:
    """Read all of standard input. Raises PhotoError if it is empty, closed or cannot be read."""
    if sys.stdin is None:
        raise PhotoError("standard input is closed; pipe a photo into it")
    try:
        data: bytes = sys.stdin.buffer.read()
    except OSError as error:
        raise PhotoError(f"standard input cannot be read: {error.strerror}; pipe a photo into it") from None
    if not data:
        raise PhotoError("standard input is empty; pipe a photo into it")
    return data


def write_standard_output(data: bytes) -> None:
    """Write all bytes to standard output. Raises OutputError if it is closed or full."""
    if isinstance(sys.stdout, ClosedOutput):
        raise OutputError("standard output is closed; write the result to a file")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _output_error(error) from None


def print_output(text: str) -> None:
    """Print a line to standard output at once. Raises OutputError if it is closed or full."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _output_error(error) from None


def flush_standard_output() -> None:
    """Flush what was printed. Raises OutputError if it is full, instead of a warning when Python exits."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _output_error(error) from None


def discard_standard_output() -> None:
    """Send what is still buffered nowhere, so that Python does not print a second error when it exits."""
    descriptor: Any = getattr(sys.stdout, "fileno", None)
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor())
    except (OSError, ValueError, TypeError):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for the rest of the process


def print_error(text: str) -> None:
    """Print a message as one line to standard error, or drop it where it cannot be written."""
    line = one_line(text)
    try:
        try:
            print(line, file=sys.stderr, flush=True)
        except UnicodeEncodeError:
            print(ascii(line)[1:-1], file=sys.stderr, flush=True)
    except (OSError, ValueError):
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for the rest of the process


def _output_error(error: OSError) -> OutputError:
    return OutputError(f"standard output cannot be written: {error.strerror}; choose another place")
