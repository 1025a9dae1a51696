"""Check that every image can be decoded before training starts, so that a broken file does not stop it hours later."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import ExifTags, Image, UnidentifiedImageError

from pspm.data.folders.pairs import Pair

FAULTS_SHOWN = 10
# EXIF orientations that swap width and height.
SIDEWAYS = (5, 6, 7, 8)


def check_pairs(pairs: Sequence[Pair]) -> None:
    """Decode every image and matte and compare their sizes. An all-black matte is valid: an image without a person.

    Raises ValueError that names the first `FAULTS_SHOWN` faulty files, each with its reason, and counts the rest.
    """
    with ThreadPoolExecutor() as pool:
        _raise_faults(pool.map(_fault_of_pair, pairs))


def check_pictures(paths: Sequence[Path]) -> None:
    """Decode every image. Raises ValueError as `check_pairs` does."""
    with ThreadPoolExecutor() as pool:
        _raise_faults(pool.map(_fault, paths))


def _raise_faults(results: Iterator[str | None]) -> None:
    faults = [fault for fault in results if fault]
    if faults:
        more = [f"and {len(faults) - FAULTS_SHOWN} more"] if len(faults) > FAULTS_SHOWN else []
        raise ValueError(
            "\n  ".join(["these files cannot be used; fix or remove them:", *faults[:FAULTS_SHOWN], *more])
        )


def _fault_of_pair(pair: Pair) -> str | None:
    if pair.alpha == pair.image:
        return _fault(pair.image, transparent=True)
    fault = _fault(pair.image) or _fault(pair.alpha)
    if fault:
        return fault
    # As in `Pair.read`, the EXIF orientation of a matte is ignored.
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
            # Decoding a JPEG at an eighth of its size still reads the whole file, in a third of the time.
            picture.draft(None, (1, 1))
            picture.load()
    except FileNotFoundError:
        return f"{path} does not exist"
    except UnidentifiedImageError:
        return f"{path} is not an image"
    except Exception as error:  # Decoders raise all kinds of exceptions for broken files.
        return f"{path} is broken ({error})"
    return None


def _size(path: Path, *, upright: bool) -> tuple[int, int]:
    with Image.open(path) as picture:
        width, height = picture.size
        swapped = upright and picture.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS
    return (height, width) if swapped else (width, height)
