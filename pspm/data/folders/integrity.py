"""Every picture is opened before a training starts, so that a broken one is named now and not hours later."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import ExifTags, Image, UnidentifiedImageError

if TYPE_CHECKING:
    from pspm.data.folders.pairs import Pair

NAMED = 10
SIDEWAYS = (5, 6, 7, 8)


def check_pairs(pairs: "Sequence[Pair]") -> None:
    """Decode every picture and matte and compare their sizes; an all-black matte is legal: nobody is in the picture.

    Raises ValueError that names the first `NAMED` broken ones, each with its reason, and counts the rest.
    """
    with ThreadPoolExecutor() as pool:
        _raise_faults(pool.map(_fault_of_pair, pairs))


def check_pictures(paths: Sequence[Path]) -> None:
    """Decode every picture. Raises ValueError as `check_pairs` does."""
    with ThreadPoolExecutor() as pool:
        _raise_faults(pool.map(_fault, paths))


def _raise_faults(answers: Iterator[str | None]) -> None:
    faults = [fault for fault in answers if fault]
    if faults:
        more = [f"and {len(faults) - NAMED} more"] if len(faults) > NAMED else []
        raise ValueError("\n  ".join(["these files cannot be used; mend or remove them:", *faults[:NAMED], *more]))


def _fault_of_pair(pair: "Pair") -> str | None:
    if pair.alpha == pair.image:
        return _fault(pair.image, transparent=True)
    fault = _fault(pair.image) or _fault(pair.alpha)
    if fault:
        return fault
    # A matte's EXIF orientation is not looked at, nor does `Pair.read`.
    width, height = _size(pair.image, upright=True)
    matte_width, matte_height = _size(pair.alpha, upright=False)
    if (width, height) != (matte_width, matte_height):
        return f"{pair.alpha} is {matte_width} x {matte_height}, but {pair.image} is {width} x {height}"
    return None


def _fault(path: Path, *, transparent: bool = False) -> str | None:
    try:
        with Image.open(path) as picture:
            if transparent and not picture.has_transparency_data:
                return f"{path} has no transparency"
            # A JPEG is decoded at an eighth of its size: that reads the whole file, in a third of the time.
            picture.draft(None, (1, 1))
            picture.load()
    except FileNotFoundError:
        return f"{path} does not exist"
    except UnidentifiedImageError:
        return f"{path} is no picture"
    except Exception as error:  # Whatever a decoder raises, it is the file that is broken.
        return f"{path} is broken ({error})"
    return None


def _size(path: Path, *, upright: bool) -> tuple[int, int]:
    with Image.open(path) as picture:
        width, height = picture.size
        turned = upright and picture.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS
    return (height, width) if turned else (width, height)
