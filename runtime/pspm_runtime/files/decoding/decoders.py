"""Open picture files with the decoders for the formats of photos, and refuse the others from their header."""

import importlib
from collections.abc import Callable
from typing import Any, BinaryIO

from PIL import Image

from pspm_runtime.arguments import as_number, shown
from pspm_runtime.errors import PhotoError, PspmError, TooLargeError
from pspm_runtime.files.decoding.decoding_cost import check_decoding_cost
from pspm_runtime.files.decoding.tiff import check_tiff
from pspm_runtime.files.jpeg_xl import is_jpeg_xl, open_jpeg_xl

# Format in Pillow: the module that reads it. Left out are formats that run other programs (EPS, WMF), decode a picture
# in a picture (ICO, ICNS), or hold no photos. The JPEG decoder also reads MPO. TGA has no signature, so it comes last.
_PLUGINS = {
    "JPEG": "JpegImagePlugin",
    "PNG": "PngImagePlugin",
    "WEBP": "WebPImagePlugin",
    "AVIF": "AvifImagePlugin",
    "TIFF": "TiffImagePlugin",
    "GIF": "GifImagePlugin",
    "BMP": "BmpImagePlugin",
    "JPEG2000": "Jpeg2KImagePlugin",
    "PPM": "PpmImagePlugin",
    "TGA": "TgaImagePlugin",
}
# Pillow takes 8 bytes for each row beside the pixels, and its limit on pixels holds for the strips that we crop.
_MAX_SIDE = 300_000
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif")
_HEAD = 64


def open_image(file: BinaryIO, name: str, max_megapixels: float) -> Image.Image:
    """Open a picture without decoding it. `file` is seekable, and stays open for the decoder.

    This does not call Image.open: its limit on pixels is global to the process, and smaller than ours.
    Raises PhotoError for an empty file, other formats, damaged headers, and pictures larger than the limits.
    """
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        raise PhotoError(f"{name} is empty; choose another photo")
    if _is_heif(head):
        image = _with_decoder(_open_heif, file, name)
    elif is_jpeg_xl(head):
        image = _with_decoder(open_jpeg_xl, file, name)
    else:
        image = _open_with_pillow(file, name, head)
    check_size(*image.size, name, max_megapixels)
    check_tiff(image, name, max_megapixels)
    check_decoding_cost(image, file, name)
    return image


def check_limit(max_megapixels: Any) -> float:
    """The limit as a float. Raises PspmError unless it is a number above 0; infinity is no limit."""
    limit = as_number(max_megapixels)
    if limit is None or not limit > 0:
        raise PspmError(f"max_megapixels must be a number above 0, not {shown(max_megapixels)}")
    return limit


def check_size(width: int, height: int, name: str, max_megapixels: float) -> None:
    """Raise PhotoError for a picture without pixels, or larger than the limits."""
    if width < 1 or height < 1:
        raise PhotoError(f"{name} is empty ({width} x {height} pixels); choose another photo")
    if not width * height <= max_megapixels * 1e6:
        raise TooLargeError(
            f"{name} has {width * height / 1e6:.3g} megapixels, more than the limit of {max_megapixels:g}; "
            "if you trust it, raise the limit with --max-megapixels (max_megapixels= in Python)"
        )
    if max(width, height) > _MAX_SIDE:
        raise PhotoError(f"{name} is {width} x {height} pixels; crop it to at most {_MAX_SIDE:,} pixels a side")


def reason(error: Exception) -> str:
    """The text of a decoder's error in one line, or its class if it has no text."""
    return " ".join(str(error).split()) or type(error).__name__


def _open_with_pillow(file: BinaryIO, name: str, head: bytes) -> Image.Image:
    for kind, module in _PLUGINS.items():
        if kind not in Image.OPEN:
            try:
                importlib.import_module(f"PIL.{module}")
            except ImportError:  # AVIF is new in Pillow 11.3
                continue
        decoder, accepts = Image.OPEN[kind]
        # Without its native library, a plugin answers with a text instead of True.
        if accepts and accepts(head[:16]) is not True:
            continue
        file.seek(0)
        try:
            return decoder(file, b"")
        except Exception as error:  # damaged headers raise almost anything
            if accepts is None:
                break
            if kind == "TIFF" and isinstance(error, SyntaxError):
                raise PhotoError(f"{name} is a TIFF of an unknown kind; save it with 8 or 16 bits a channel") from None
            raise PhotoError(f"{name} is damaged ({reason(error)}); choose another copy of it") from None
    raise PhotoError(f"{name} is not a picture in a format that can be read; convert it to JPEG or PNG")


def _is_heif(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS and b"avif" not in head


def _with_decoder(decoder: Callable[[BinaryIO, str], Image.Image], file: BinaryIO, name: str) -> Image.Image:
    """Open a picture with one of the optional decoders."""
    file.seek(0)
    try:
        return decoder(file, name)
    except (PhotoError, MemoryError):
        raise
    except Exception as error:  # damaged headers raise almost anything
        raise PhotoError(f"{name} is damaged ({reason(error)}); choose another copy of it") from None


def _open_heif(file: Any, name: str) -> Image.Image:
    try:
        from pillow_heif.as_plugin import HeifImageFile
    except ImportError:
        raise PhotoError(
            f"{name} is a HEIC picture, which needs a decoder: pip install pillow-heif, or convert it to JPEG"
        ) from None
    image: Image.Image = HeifImageFile(file)
    return image
