"""Optional dependencies: the extras `train`, `export` and `video`."""

from collections.abc import Iterator
from contextlib import contextmanager

from pspm_runtime.errors import PspmError


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """Turn an ImportError inside this context into a PspmError that names the missing package and the extra."""
    try:
        yield
    except ImportError as error:
        raise PspmError(
            f"this needs {error.name}; install it in a clone of PSPM with: pip install '.[{extra}]'"
        ) from None
