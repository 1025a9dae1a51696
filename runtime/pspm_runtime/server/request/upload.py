"""Read the photo, and what comes with it, from the body of a request."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from pspm_runtime.arguments import shown
from pspm_runtime.server.held_bytes import Share
from pspm_runtime.server.refusal import Refusal

# The first is ours; rembg calls it "file", remove.bg "image_file".
PHOTO_FIELDS = ("photo", "file", "image", "image_file")
_MOST_PARTS = 50
# Its escapes take much time and memory to decode, and the event loop would wait.
_MOST_URLENCODED = 2_000_000
_FORM = "multipart/form-data"
_URLENCODED = "application/x-www-form-urlencoded"


@dataclass
class Upload:
    """A photo and the fields of its form. files: further pictures by the names of their fields."""

    photo: bytes = b""
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


def check_length(request: Request, max_bytes: int) -> None:
    """Refuse a body without a length, or with one beyond the limit, before any of it is read."""
    length = request.headers.get("content-length")
    if length is None and "transfer-encoding" not in request.headers:
        raise Refusal(411, "send the photo with its Content-Length", "length")
    if length is not None and int(length) > max_bytes:
        raise _too_large(max_bytes)


def check_type(request: Request) -> None:
    """Refuse a body that its type says is neither a picture nor a form."""
    kind = _kind(request)
    if kind and not kind.startswith("image/") and kind not in (_FORM, _URLENCODED, "application/octet-stream"):
        raise Refusal(
            415,
            f"a body of type {shown(kind)} is not a photo; send its bytes as image/* or application/octet-stream, or a "
            "form as multipart/form-data",
            "type",
        )


async def read_upload(request: Request, max_bytes: int, share: Share, *, form: bool = False) -> Upload:
    """Read the body into memory.

    form: whether a URL-encoded body is a form; otherwise it is a photo, as `curl --data-binary` sends it.

    Raises Refusal for a body that is empty, too large or no form, and ClientDisconnect for one that breaks off.
    """
    kind = _kind(request)
    if kind == _FORM:
        return await _read_form(request, max_bytes, share)
    body = b"".join([part async for part in _parts(request, max_bytes, share)])
    if kind == _URLENCODED and form:
        if len(body) > _MOST_URLENCODED:
            raise Refusal(413, "a URL-encoded form of more than 2 MB is refused; send multipart/form-data", "bytes")
        text = body.decode("ascii", "replace")
        return Upload(fields=parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_PARTS))
    if not body:
        raise Refusal(400, "the body is empty; send a photo", "empty")
    return Upload(body)


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _parts(request: Request, max_bytes: int, share: Share) -> AsyncGenerator[bytes, None]:
    total = 0
    async for part in request.stream():
        total += len(part)
        if total > max_bytes:
            raise _too_large(max_bytes)
        if not share.take(len(part)):
            raise Refusal(503, "too many photos are being sent; try again soon", "busy", {"Retry-After": "1"})
        yield part
        await asyncio.sleep(0)  # others are answered between the parts of a form that takes long to read


class _InMemory(MultiPartParser):
    spool_max_size = 1 << 40  # never to disk: the body is limited already


async def _read_form(request: Request, max_bytes: int, share: Share) -> Upload:
    parser = _InMemory(
        request.headers,
        _parts(request, max_bytes, share),
        max_files=_MOST_PARTS,
        max_fields=_MOST_PARTS,
        max_part_size=max_bytes,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise Refusal(400, f"the form cannot be read ({error.message.rstrip('.')}); send it again", "form") from None
    upload = Upload()
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                _add_file(upload, name, value.file.read())
            else:
                upload.fields.append((name, value))
    finally:
        await form.close()
    return upload


def _add_file(upload: Upload, name: str, data: bytes) -> None:
    is_photo = name in PHOTO_FIELDS
    if not data:
        raise Refusal(400, f"the file of {shown(name)} is empty; send a picture", "empty")
    if (is_photo and upload.photo) or name in upload.files:
        raise Refusal(400, f"a second file is sent as {shown(name)}; send one photo at a time", "form")
    if is_photo:
        upload.photo = data
    else:
        upload.files[name] = data


def _too_large(max_bytes: int) -> Refusal:
    return Refusal(413, f"the request is larger than {max_bytes / 1e6:g} MB; send a smaller photo", "bytes")
