"""Read a caller's file object into memory."""

import io
from typing import Any, BinaryIO

from pspm_runtime.errors import PhotoError, TooLargeError
from pspm_runtime.turns import others_may_work

_BYTES_PER_PIXEL = 16
_METADATA = 64 << 20


def read_file_object(file: Any, name: str, max_megapixels: float) -> BinaryIO:
    """Read a file object to its end, from the start if it is seekable.

    Raises PhotoError for text, closed and write-only files, an asynchronous `read`, and more bytes than a photo of
    `max_megapixels` can have.
    """
    if isinstance(file, io.TextIOBase):
        raise PhotoError(f"{name} is opened as text; open it in binary mode ('rb')")
    data = io.BytesIO()
    try:
        if hasattr(file, "seekable") and file.seekable():
            file.seek(0)
        while part := _next_part(file):
            _check_part(part, name)
            data.write(part)
            check_bytes(data.tell(), name, max_megapixels)
    except PhotoError:
        raise
    except io.UnsupportedOperation:
        raise PhotoError(f"{name} is not open for reading; open it in binary mode ('rb')") from None
    except MemoryError:
        raise PhotoError(f"{name} does not fit in the memory; choose a smaller photo") from None
    except Exception as error:  # the caller's object may raise anything
        if getattr(file, "closed", False) is True:
            raise PhotoError(f"{name} is closed; open it again") from None
        raise PhotoError(f"{name} cannot be read ({error or type(error).__name__}); pass a path or bytes") from None
    data.seek(0)
    return data


def name_of(file: Any, otherwise: str) -> str:
    """The name of a file object, if it has one."""
    try:
        name = file.name
    except Exception:  # the caller's object may raise anything
        return otherwise
    return name if isinstance(name, str) else otherwise


def _next_part(file: Any) -> Any:
    with others_may_work():
        return file.read()


def largest_photo(max_megapixels: float) -> float:
    """More bytes than a photo of `max_megapixels` can have."""
    return max_megapixels * 1e6 * _BYTES_PER_PIXEL + _METADATA


def check_bytes(count: int, name: str, max_megapixels: float) -> None:
    """Raise PhotoError for more bytes than a photo of `max_megapixels` can have."""
    if count > largest_photo(max_megapixels):
        raise TooLargeError(f"{name} is larger than any photo of {max_megapixels:g} megapixels; choose another one")


def _check_part(part: Any, name: str) -> None:
    if hasattr(part, "__await__"):
        part.close()  # so that Python does not warn that it was never awaited
        raise PhotoError(f"{name} is asynchronous; pass its bytes: await file.read()")
    if isinstance(part, str):
        raise PhotoError(f"{name} is opened as text; open it in binary mode ('rb')")
