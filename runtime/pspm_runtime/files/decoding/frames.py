"""Count and read the frames of an animation, the pages of a TIFF and the pictures of an MPO or HEIC file."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from PIL import Image

_SEVERAL = ("GIF", "WEBP", "PNG", "AVIF", "MPO", "HEIF")
_PLAYED = ("GIF", "WEBP", "PNG", "AVIF")
# Their decoders go through the file to count, and may not come back from damaged frames.
COUNTED_BY_MOVING = ("GIF", "TIFF", "MPO")
_TIFF_KIND = 254
# Bits of a TIFF's kind of page: a smaller copy of another page, a transparency mask.
_COPY_OR_MASK = 1 | 4
_ONCE = 1
_MOST_PAGES = 10_000


@dataclass(frozen=True)
class Frames:
    """The places of a file's frames, and how an animation of them is played.

    loop: how often, 0 for without end, None for once. is_played: whether it is an animation, and not pages.
    """

    places: tuple[int, ...]
    loop: int | None = None
    is_played: bool = False

    def __len__(self) -> int:
        return len(self.places)


def find_frames(image: Image.Image) -> Frames:
    """Find the frames of an opened file without decoding them.

    A copy in another size, a gain map, a depth map or a mask is no frame. Of a damaged file only the frames before the
    damage are found.
    """
    if image.format == "TIFF":
        return Frames(tuple(_pages(image)) or (0,))
    try:
        count = getattr(image, "n_frames", 1) if image.format in _SEVERAL else 1
    except Exception:  # damaged files raise almost anything
        count = 1
    count = min(count, _MOST_PAGES)  # a header may say billions
    if count == 1:
        return Frames((0,))
    places: Iterable[int]
    if image.format == "MPO":
        places = _whole_pictures(image)
    else:
        # An APNG may have a picture for viewers that show no animations.
        places = range(1 if image.info.get("default_image") and count > 2 else 0, count)
    loop = image.info.get("loop")
    if image.format != "GIF" and loop == _ONCE:
        loop = None
    return Frames(tuple(places) or (0,), loop if isinstance(loop, int) else None, image.format in _PLAYED)


def _pages(image: Any) -> list[int]:
    """The pages of a TIFF, also those of a kind that cannot be read, up to the first damaged one."""
    places = []
    for place in range(_MOST_PAGES):
        try:
            image.seek(place)
        except SyntaxError:
            if image.tell() != place:
                break
        except Exception:  # the end, or damage, which raises almost anything
            break
        if not _number(image.tag_v2.get(_TIFF_KIND, 0)) & _COPY_OR_MASK:
            places.append(place)
    with suppress(Exception):
        image.seek(0)
    return places


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _whole_pictures(image: Any) -> list[int]:
    """The pictures of an MPO that are as large as the first one, in colour, and no gain map.

    Phones write gain maps and depth maps as further pictures, and cameras write previews. A file seldom says which.
    """
    size, mode = image.size, image.mode
    places = [0]
    for place in range(1, image.n_frames):
        with suppress(Exception):  # damaged pictures raise almost anything
            image.seek(place)
            about = image.info.get("xmp", b"")
            is_map = any(name in about for name in (b"hdrgm:", b"HDRGainMap", b"hdrgainmap", b"depth"))
            if (image.size, image.mode) == (size, mode) and not is_map:
                places.append(place)
    image.seek(0)
    return places
