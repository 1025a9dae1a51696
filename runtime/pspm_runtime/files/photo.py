"""Read photos of any format as upright 8-bit RGB."""

import io
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
from PIL import ExifTags, Image, ImageOps

from pspm_runtime.arguments import shown, type_name
from pspm_runtime.colour.profiles import is_working_space, profile_of, to_srgb
from pspm_runtime.errors import PhotoError
from pspm_runtime.files.decoding.decoders import check_limit, check_size, open_image, reason
from pspm_runtime.files.decoding.decoding_cost import check_decoding_cost
from pspm_runtime.files.decoding.frames import COUNTED_BY_MOVING, find_frames
from pspm_runtime.files.decoding.quiet import quiet_decoders
from pspm_runtime.files.decoding.tiff import check_tiff, grey_range
from pspm_runtime.files.file_object import check_bytes, name_of, read_file_object

MAX_MEGAPIXELS = 200.0

Result = TypeVar("Result")
PhotoInput = str | os.PathLike[str] | bytes | BinaryIO | Image.Image | np.ndarray

# What their files say of colour, Pillow does not expose.
_READ_AGAIN = ("PNG", "AVIF", "HEIF", "JPEG2000", "BMP")
_HEAD = 1 << 20
# What a PNG's grey values of 2 and 4 bits are multiplied by when Pillow decodes them.
_GREY_STEPS = {"L;2": 85, "L;4": 17}
_STRIP_PIXELS = 1 << 20
_URL = re.compile(r"\s*(data:|blob:|[a-zA-Z][a-zA-Z0-9+.-]+:[/\\])")


@dataclass(frozen=True)
class Photo:
    """A decoded photo, ready for the network and the effects.

    image: RGB, upright, never modified. It stays a Pillow image, because copying it to an array takes half as long as
        decoding the JPEG. Stages convert only the tiles and strips that they need.
    transparency: the photo's own alpha channel, an L image of the same size, or None if it is opaque.
    icc_profile: the colour profile that describes the image, None for sRGB; every output carries it.
    frames: how many frames or pages the file holds; `open_frames` reads the others.
    duration: for a frame of an animation, the milliseconds that it is shown.
    """

    image: Image.Image
    transparency: Image.Image | None = None
    icc_profile: bytes | None = None
    frames: int = 1
    duration: float = 0

    def __post_init__(self) -> None:
        """Raise PhotoError for what no photo has."""
        image, transparency = (getattr(part, "mode", None) for part in (self.image, self.transparency))
        if image != "RGB" or transparency not in ("L", None) or not isinstance(self.icc_profile, bytes | None):
            raise PhotoError(
                "a Photo needs an RGB PIL image, an L PIL image or None as transparency, and bytes or None as profile; "
                "use open_photo to make one"
            )
        if min(self.image.size) < 1 or (self.transparency and self.transparency.size != self.image.size):
            raise PhotoError("the image of a Photo is empty, or not of its transparency's size; pass others")

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
    the colours. Of an animation, a file of several pages or of several pictures, this is the first frame; see
    `open_frames`. Raises PhotoError with one sentence for anything that is not a readable photo, and for more than
    `max_megapixels`, which guards against files made to exhaust the memory.
    """
    return open_picture(photo, check_limit(max_megapixels), "photo")


def open_picture(picture: Any, max_megapixels: float, role: str) -> Photo:
    """Do what `open_photo` does. role: what errors call the picture: "photo", "background" or "trimap"."""
    if isinstance(picture, Photo):
        return picture
    if isinstance(picture, np.ndarray):
        return _from_array(picture, f"the array given as {role}", max_megapixels)
    if isinstance(picture, Image.Image):
        return _from_pil(picture, f"the PIL image given as {role}", max_megapixels)
    if isinstance(picture, bytes | bytearray | memoryview):
        name = f"the bytes given as {role}"
        return _from_file(bytes_as_file(picture, name), name, max_megapixels)
    if isinstance(picture, str | os.PathLike):
        text = path_text(picture, role)
        if role != "photo" and Path(text).is_dir():
            raise PhotoError(f"{text} is a folder; pass the picture of one {role}")
        return from_path(text, max_megapixels, _from_file)
    if hasattr(picture, "read"):
        name = name_of(picture, f"the file object given as {role}")
        return _from_file(read_file_object(picture, name, max_megapixels), name, max_megapixels)
    raise wrong_type(picture, role)


def wrong_type(picture: Any, role: str) -> PhotoError:
    """The error for what is no picture at all."""
    return PhotoError(
        f"a {role} cannot be of type {type_name(picture)}; "
        "pass a path, bytes, a file object, a PIL image or a uint8 array"
    )


def path_text(path: str | os.PathLike[str], role: str) -> str:
    """The text of a path. Raises PhotoError for an object that gives none."""
    try:
        return os.fsdecode(path)
    except Exception:  # __fspath__ of the caller's object may raise anything
        raise PhotoError(f"a {role} cannot be of type {type_name(path)}, which gives no path; pass one") from None


def refuse_url(text: str) -> None:
    """Raise PhotoError for a URL: nothing is fetched. Check the text as it was given, because a Path drops a slash."""
    if _URL.match(text):
        raise PhotoError(f"{text[:200]} is a URL; download it first, and pass the file")


def from_path(text: str, max_megapixels: float, use: Callable[[BinaryIO, str, float], Result]) -> Result:
    """Open the file of a photo, and return what `use` makes of the file, its name and the limit. Raises PhotoError."""
    refuse_url(text)
    path = Path(text)
    try:
        if text.startswith("~") and not path.exists():
            path = path.expanduser()
        kind = path.stat()
        if stat.S_ISDIR(kind.st_mode):
            raise PhotoError(f"{path} is a folder; pass one photo, or use the pspm command for whole folders")
        if stat.S_ISCHR(kind.st_mode) or stat.S_ISBLK(kind.st_mode):
            raise PhotoError(f"{path} is a device; pass the path of a photo")
        with path.open("rb") as file:
            if not stat.S_ISREG(kind.st_mode):
                return use(read_file_object(file, str(path), max_megapixels), str(path), max_megapixels)
            check_bytes(kind.st_size, str(path), max_megapixels)
            return use(file, str(path), max_megapixels)
    except FileNotFoundError:
        raise PhotoError(f"{path} does not exist; check the path") from None
    except OSError as error:
        raise PhotoError(f"{path} cannot be opened: {error.strerror}") from None
    except (ValueError, RuntimeError) as error:
        raise PhotoError(f"{shown(text)} cannot be a path ({error}); check it") from None


def _from_file(file: BinaryIO, name: str, max_megapixels: float) -> Photo:
    try:
        with quiet_decoders():
            image = open_image(file, name, max_megapixels)
            frames = len(find_frames(image))
            if image.format in COUNTED_BY_MOVING:
                image = open_image(file, name, max_megapixels)
            photo = decode(image, name, file)
        return replace(photo, frames=frames) if frames > 1 else photo
    except MemoryError:
        raise PhotoError(f"{name} does not fit in the memory; make it smaller") from None


def bytes_as_file(data: bytes | bytearray | memoryview, name: str) -> BinaryIO:
    """The bytes as a file. Raises PhotoError for a memoryview that was released."""
    try:
        return io.BytesIO(bytes(data))
    except ValueError:
        raise PhotoError(f"{name} is a memoryview that was released; pass bytes") from None


def _from_array(array: np.ndarray, name: str, max_megapixels: float) -> Photo:
    if isinstance(array, np.ma.MaskedArray):
        raise PhotoError(f"{name} is masked; pass a plain array, for example of array.filled()")
    if array.ndim != 3 or array.shape[2] not in (3, 4):
        raise PhotoError(f"{name} has the shape {array.shape}; pass (height, width, 3) RGB or (height, width, 4) RGBA")
    if array.dtype != np.uint8:
        nan = " and holds NaN" if array.dtype.kind == "f" and np.isnan(array).any() else ""
        raise PhotoError(f"{name} is {array.dtype}{nan}; pass uint8 values from 0 to 255")
    check_size(array.shape[1], array.shape[0], name, max_megapixels)
    return _from_modes(Image.fromarray(array), None)


def _from_pil(image: Image.Image, name: str, max_megapixels: float) -> Photo:
    check_size(*image.size, name, max_megapixels)
    check_tiff(image, name, max_megapixels)
    try:
        file = _head(image)
        opened = getattr(image, "fp", None)
        if opened is not None and opened.seekable() and getattr(image, "tile", None):
            check_decoding_cost(image, opened, name)
    except ValueError:
        file = None
    with quiet_decoders():
        return decode(image, name, file)


def decode(image: Image.Image, name: str, file: BinaryIO | None) -> Photo:
    """Decode the frame that an opened image is at. file: for what it says of colour. Raises PhotoError."""
    try:
        colour_key = _transparent_colour(image)
        image.load()
        profile = profile_of(image, file)
        image = _orientate(image)
        image = _to_8_bit(image, name, colour_key)
        return _from_modes(image, profile)
    except (PhotoError, MemoryError):
        raise
    except Exception as error:  # decoders raise almost anything for a damaged file
        if isinstance(error, AssertionError) or "closed" in str(error):
            raise PhotoError(f"{name} is closed; open it again") from None
        raise PhotoError(f"{name} is damaged or cut short ({reason(error)}); choose another copy of it") from None


def _head(image: Image.Image) -> BinaryIO | None:
    """The beginning of the file that a PIL image was opened from, as far as it is still open."""
    file = getattr(image, "fp", None)
    if image.format not in _READ_AGAIN or file is None or not file.seekable():
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
    """The image upright; itself where EXIF says nothing of it. HEIC and JPEG XL are decoded upright."""
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
        return _grey_to_8_bit(image, transparent)
    if image.mode == "F":
        raise PhotoError(f"{name} has floating-point values without a known white level; save it with 8 or 16 bits")
    if transparent != image.info.get("transparency"):
        image = image.copy()
        image.info["transparency"] = transparent
    return image


def _grey_to_8_bit(image: Image.Image, transparent: Any) -> Image.Image:
    """Scale grey with 12 to 32 bits, in strips, because numpy's copies take several times the image's memory."""
    width, height = image.size
    known = grey_range(image)
    black, white = known or (0, _white(image))
    mask = 2**32 - 1 if known else -1  # Pillow reads a TIFF's 32 bits as signed
    grey = Image.new("L", image.size)
    opaque = Image.new("L", image.size) if isinstance(transparent, int) else None
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        wide = np.asarray(image.crop((0, top, width, min(top + rows, height)))).astype(np.int64) & mask
        levels = (np.clip(wide, min(black, white), max(black, white)) - black) * 255 // (white - black)
        grey.paste(Image.fromarray(levels.astype(np.uint8)), (0, top))
        if opaque is not None:
            opaque.paste(Image.fromarray(np.where(wide == transparent, 0, 255).astype(np.uint8)), (0, top))
    if opaque is not None:
        grey.putalpha(opaque)
    return grey


def _white(image: Image.Image) -> int:
    """The white level of an image that does not tell it: of 16 bits unless a value is larger."""
    return 65535 if image.mode != "I" or np.max(image.getextrema()) <= 65535 else 2**32 - 1
