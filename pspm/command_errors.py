"""Turn what a user can mend into the one sentence that a command prints."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pspm_runtime.errors import OutputError, PspmError


@contextmanager
def command_errors(out: Path | None = None) -> Iterator[None]:
    """Raise PspmError, or OutputError for a file or folder that the system refuses. out: where the command writes.

    The functions of this package raise ValueError, and OSError without an error number, with a sentence that says what
    to do. An OSError of the system has a number. It names its file, except when a disk is full: then it is about `out`.
    """
    try:
        yield
    except ValueError as error:
        raise PspmError(str(error)) from None
    except OSError as error:
        if error.errno is None:
            raise PspmError(str(error)) from None
        name = error.filename or out
        if name is None:
            raise
        raise OutputError(f"{name} cannot be used: {error.strerror}; choose another place") from None
