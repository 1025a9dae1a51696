"""Hints: faint traces of people who are too small for a look at the whole photo."""

from collections.abc import Iterator

from pspm_runtime.constants import FAINT, LARGE, SOMETHING, SPECK, TILES, WORTH_TILES
from pspm_runtime.engines.engine import Engine
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.boxes import area, cut, enlarged, overlap, overlapping, widened
from pspm_runtime.looks.closer import people_in
from pspm_runtime.looks.confirm import closer_look_at_the_same
from pspm_runtime.looks.look import Box, Look, look_at, whole
from pspm_runtime.looks.regions import regions


def look_into_hints(engine: Engine, photo: Photo, first: Look, most: int) -> list[Look]:
    """Looks at people whom the first look at a photo has missed; at most so many hints are looked into.

    Beside people whom it shows, only its clear traces count. Where it shows nobody, its faint ones come first, then, if
    they were nobody, those in `TILES` x `TILES` overlapping tiles.
    """
    known = people_in(first)
    found = _look_into(engine, photo, hints_in(first, photo, known), known, most, first.turn)
    if found or known or most == 0 or area(whole(photo)) < WORTH_TILES * first.alpha.size:
        return found
    looks = [look_at(engine, photo, tile, first.turn) for tile in tiles_of(photo.image.size)]
    hints = [hint for look in looks for hint in hints_in(look, photo, known)]
    return _look_into(engine, photo, hints, known, most, first.turn)


def _look_into(
    engine: Engine, photo: Photo, hints: list[tuple[float, Box]], known: list[Box], most: int, turn: int
) -> list[Look]:
    """Looks at the people around the clearest hints, without those who are known.

    A wider look must have seen the same as the closer one.
    """
    found: list[Look] = []
    tried: list[Box] = []
    for _, window in sorted(hints, key=lambda hint: -hint[0]):
        if len(tried) == most:
            break
        if any(_holds_centre(earlier, window) for earlier in [*tried, *(look.box for look in found)]):
            continue
        tried.append(window)
        wide = look_at(engine, photo, window, turn)
        for person in people_in(wide):
            if any(overlap(person, box) for box in known):
                continue
            closer = closer_look_at_the_same(engine, photo, person, turn)
            if closer is not None:
                found.append(closer)
    return found


def hints_in(look: Look, photo: Photo, known: list[Box]) -> list[tuple[float, Box]]:
    """The traces of people in a look: how clear each is, and a window around it in pixels of the photo.

    known: people in the photo. With them, traces near one are left out, as are faint ones and specks.

    The window is as large as the largest person whom a look at the whole photo can miss needs. Larger traces are left
    out.
    """
    left, top, right, bottom = look.box
    width, height = photo.image.size
    side = round(LARGE * (width * height) ** 0.5)
    hints = []
    near = [widened(person, photo.image.size) for person in known]
    for box, pixels in regions(look.alpha > FAINT):
        clearness = float(cut(look.alpha, box).max())
        x0, y0, x1, y1 = enlarged(box, look.alpha.shape, (right - left, bottom - top))
        if max(x1 - x0, y1 - y0) > side:
            continue
        trace = left + x0, top + y0, left + x1, top + y1
        if known and (clearness < SOMETHING or pixels < SPECK or any(_holds_centre(box, trace) for box in near)):
            continue
        x, y = left + (x0 + x1 - side) // 2, top + (y0 + y1 - side) // 2
        x, y = min(max(0, x), max(0, width - side)), min(max(0, y), max(0, height - side))
        window = x, y, min(width, x + side), min(height, y + side)
        hints.append((clearness, window))
    return hints


def _holds_centre(box: Box, of: Box) -> bool:
    x, y = (of[0] + of[2]) // 2, (of[1] + of[3]) // 2
    return box[0] <= x < box[2] and box[1] <= y < box[3]


def tiles_of(size: tuple[int, int]) -> Iterator[Box]:
    """Overlapping tiles of a photo of this size, row by row; more of them along a side that is much longer."""
    width, height = size
    longer = max(1, round((max(width, height) / min(width, height)) ** 0.5))
    across, down = (TILES * longer, TILES) if width > height else (TILES, TILES * longer)
    for top, bottom in overlapping(height, down):
        for left, right in overlapping(width, across):
            yield left, top, right, bottom
