"""Read photos of any format as upright 8-bit RGB."""

import io
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from pspm_runtime.errors import PhotoError
from pspm_runtime.files.colour import is_working_space, profile_of, to_srgb
from pspm_runtime.files.tiff import check_tiff, with_16_bits

MAX_MEGAPIXELS = 200.0

PhotoInput = str | os.PathLike[str] | bytes | BinaryIO | Image.Image | np.ndarray

_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"heif")
_FORMATS_WITH_CODE_POINTS = ("PNG", "AVIF", "HEIF")
_HEAD = 1 << 20
# What a PNG's grey values of 2 and 4 bits are multiplied by when Pillow decodes them.
_GREY_STEPS = {"L;2": 85, "L;4": 17}
_pillow_limit = threading.Lock()


@dataclass(frozen=True)
class Photo:
    """A decoded photo, ready for the network and the effects.

    image: RGB, upright, never modified. It stays a Pillow image, because copying it to an array takes half as long as
        decoding the JPEG. Stages convert only the tiles and strips that they need.
    transparency: the photo's own alpha channel, an L image of the same size, or None if it is opaque.
    icc_profile: the colour profile that describes the image, None for sRGB; every output carries it.
    """

    image: Image.Image
    transparency: Image.Image | None = None
    icc_profile: bytes | None = None

    def over_white(self) -> Image.Image:
        """The image with its transparent parts over white, as image viewers show them; itself where it is opaque."""
        if self.transparency is None:
            return self.image
        return Image.composite(self.image, Image.new("RGB", self.image.size, "white"), self.transparency)

    def without_hidden(self) -> "Photo":
        """The photo with white where it is fully transparent, so that no colour from under there reaches a result."""
        if self.transparency is None:
            return self
        image = self.image.copy()
        image.paste("white", mask=self.transparency.point([255] + 255 * [0]))
        return replace(self, image=image)


def open_photo(photo: "PhotoInput | Photo", max_megapixels: float = MAX_MEGAPIXELS) -> Photo:
    """Read a path, bytes, a binary file object, a PIL image or an (H, W, 3 or 4) uint8 RGB(A) array.

    EXIF orientation is applied. 16-bit pictures are scaled to 8 bits. RGB stays in its colour space, which the
    photo's profile describes; CMYK, Lab and grey with a profile are converted to sRGB. Transparency is kept beside
    the colours. Animations give their first frame. Raises PhotoError with one sentence for anything that is not a
    readable photo, and for more than `max_megapixels`, which guards against files made to exhaust the memory.
    """
    if isinstance(photo, Photo):
        return photo
    if isinstance(photo, np.ndarray):
        return _from_array(photo, max_megapixels)
    if isinstance(photo, Image.Image):
        return _from_pil(photo, "the PIL image", max_megapixels)
    if isinstance(photo, bytes | bytearray | memoryview):
        return _from_stream(io.BytesIO(photo), "the bytes given", max_megapixels)
    if isinstance(photo, str | os.PathLike):
        return _from_path(Path(photo), max_megapixels)
    if hasattr(photo, "read"):
        return _from_stream(photo, str(getattr(photo, "name", "the file object")), max_megapixels)
    raise PhotoError(
        f"a photo cannot be a {type(photo).__name__}; pass a path, bytes, a file object, a PIL image or a uint8 array"
    )


def _from_path(path: Path, max_megapixels: float) -> Photo:
    try:
        if path.is_dir():
            raise PhotoError(f"{path} is a folder; pass one photo, or use the pspm command for whole folders")
        stream = path.open("rb")
    except FileNotFoundError:
        raise PhotoError(f"{path} does not exist; check the path") from None
    except OSError as error:
        raise PhotoError(f"{path} cannot be opened: {error.strerror}") from None
    with stream:
        return _from_stream(stream, str(path), max_megapixels)


def _from_stream(stream: Any, name: str, max_megapixels: float) -> Photo:
    if isinstance(stream, io.TextIOBase):
        raise PhotoError(f"{name} is opened as text; open it in binary mode ('rb')")
    seekable = hasattr(stream, "seekable") and stream.seekable()
    data = stream if seekable else io.BytesIO(stream.read())
    data.seek(0)
    head = data.read(16)
    data.seek(0)
    if not head:
        raise PhotoError(f"{name} is empty; choose another photo")
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        _register_heif(name)
    with _without_pillow_limit():
        try:
            image = Image.open(data)
        except UnidentifiedImageError:
            raise PhotoError(
                f"{name} is not a picture in a format that can be read; convert it to JPEG or PNG"
            ) from None
        except (OSError, ValueError, SyntaxError, RuntimeError) as error:
            raise PhotoError(f"{name} is damaged ({error}); choose another copy of it") from None
    return _from_pil(image, name, max_megapixels, data)


def _register_heif(name: str) -> None:
    try:
        import pillow_heif
    except ImportError:
        raise PhotoError(
            f"{name} is a HEIC picture, which needs a decoder: pip install pillow-heif, or convert it to JPEG"
        ) from None
    pillow_heif.register_heif_opener()


@contextmanager
def _without_pillow_limit() -> Iterator[None]:
    """Lift Pillow's limit on pixels, which is smaller than ours, global, and also warns."""
    with _pillow_limit, warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _check_size(width: int, height: int, name: str, max_megapixels: float) -> None:
    if width < 1 or height < 1:
        raise PhotoError(f"{name} is empty ({width} x {height} pixels); choose another photo")
    if not width * height <= max_megapixels * 1e6:
        raise PhotoError(
            f"{name} has {width * height / 1e6:.3g} megapixels, more than the limit of {max_megapixels:g}; "
            "if you trust it, raise the limit with --max-megapixels (max_megapixels= in Python)"
        )


def _from_array(array: np.ndarray, max_megapixels: float) -> Photo:
    if array.ndim != 3 or array.shape[2] not in (3, 4):
        raise PhotoError(
            f"the array has the shape {array.shape}; pass (height, width, 3) RGB or (height, width, 4) RGBA"
        )
    if array.dtype != np.uint8:
        nan = " and holds NaN" if array.dtype.kind == "f" and np.isnan(array).any() else ""
        raise PhotoError(f"the array is {array.dtype}{nan}; pass uint8 values from 0 to 255")
    _check_size(array.shape[1], array.shape[0], "the array", max_megapixels)
    return _from_modes(Image.fromarray(array), None)


def _from_pil(image: Image.Image, name: str, max_megapixels: float, file: BinaryIO | None = None) -> Photo:
    _check_size(*image.size, name, max_megapixels)
    try:
        head = _head(image) if file is None else file
        colour_key = _transparent_colour(image)
        check_tiff(image, name)
        image.load()
        profile = profile_of(image, head)
        image = with_16_bits(image)
        image = _orientate(image)
        image = _to_8_bit(image, name, colour_key)
        return _from_modes(image, profile)
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, RuntimeError) as error:
        raise PhotoError(f"{name} is damaged or cut short ({error}); choose another copy of it") from None


def _head(image: Image.Image) -> BinaryIO | None:
    """The beginning of the file that a PIL image was opened from, as far as it is still open."""
    file = getattr(image, "fp", None)
    if image.format not in _FORMATS_WITH_CODE_POINTS or file is None or not file.seekable():
        return None
    position = file.tell()
    file.seek(0)
    head = io.BytesIO(file.read(_HEAD))
    file.seek(position)
    return head


def _transparent_colour(image: Image.Image) -> Any:
    """The colour that is transparent in an image, in the values that Pillow decodes; None for none.

    Pillow leaves a PNG's tRNS chunk in the file's bit depth, and then compares it with decoded values.
    """
    colour = image.info.get("transparency")
    tiles = getattr(image, "tile", None)
    rawmode = tiles[0].args if tiles and image.format == "PNG" else None
    if rawmode == "RGB;16B" and isinstance(colour, tuple):
        return tuple(value >> 8 for value in colour)
    return colour * _GREY_STEPS.get(str(rawmode), 1) if isinstance(colour, int) else colour


def _from_modes(image: Image.Image, profile: bytes | None) -> Photo:
    """A photo of an image of any 8-bit mode with the profile that describes it."""
    transparency = None
    if image.has_transparency_data:
        # Pillow takes no direct way from La, and convert() copies what is RGBA already.
        image = image.convert("LA") if image.mode == "La" else image
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        transparency = image.getchannel("A")
    if image.mode == "LAB" or (profile and not is_working_space(profile)):
        image, profile = to_srgb(image, profile), None
    return Photo(image if image.mode == "RGB" else image.convert("RGB"), transparency, profile)


def _orientate(image: Image.Image) -> Image.Image:
    try:
        if image.getexif().get(ExifTags.Base.Orientation, 1) == 1:
            return image  # exif_transpose would copy it
        return ImageOps.exif_transpose(image)
    except Exception:  # broken EXIF raises almost anything, and the photo can do without it
        return image


def _to_8_bit(image: Image.Image, name: str, transparent: Any) -> Image.Image:
    """Scale the modes with more than 8 bits, which Pillow's own conversion would clip.

    transparent: the colour that is transparent, which becomes an alpha channel of grey images.
    """
    if image.mode.startswith("I"):
        wide = np.asarray(image).astype(np.int64)
        top = 65535 if wide.max() <= 65535 else 2**32 - 1
        grey = Image.fromarray((np.clip(wide, 0, top) * 255 // top).astype(np.uint8))
        if isinstance(transparent, int):
            grey.putalpha(Image.fromarray(np.where(wide == transparent, 0, 255).astype(np.uint8)))
        return grey
    if image.mode == "F":
        raise PhotoError(f"{name} has floating-point values without a known white level; save it with 8 or 16 bits")
    if transparent != image.info.get("transparency"):
        image = image.copy()
        image.info["transparency"] = transparent
    return image
