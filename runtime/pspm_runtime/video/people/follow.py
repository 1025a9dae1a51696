"""Follow people through the frames of a scene, at a cost that video can bear.

A scene begins with all the looks that a photo gets. Its first frames decide which way up it is and which view is the
clearer one. From then on each frame gets one look at the whole, and one at each box with small people.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from PIL import Image

from pspm_runtime.constants import SOMETHING
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.boxes import boxes_of_people, enlarged, overlap, widened
from pspm_runtime.looks.budget import BUDGETS
from pspm_runtime.looks.closer import look_at_people, look_closer
from pspm_runtime.looks.find import FirstLook, find_people, first_look, shows_somebody
from pspm_runtime.looks.look import Box, Look, look_at, look_at_view, smaller_look, whole
from pspm_runtime.looks.quality import GUIDES
from pspm_runtime.looks.second_look import with_detail
from pspm_runtime.model import Model
from pspm_runtime.video.matting import Shot
from pspm_runtime.video.motion.cuts import CutDetector
from pspm_runtime.video.people.track import AGREED, Track, is_cut_off, seen_in

T = TypeVar("T")

# So many frames in which somebody is seen decide how a scene is looked at. The majority counts, from the first one on.
VOTES = 5


class Way(NamedTuple):
    """How frames are looked at. turn: as of `Look`. is_small_clearer: whether small views are the clearer ones."""

    turn: int = 0
    is_small_clearer: bool = False


@dataclass(frozen=True)
class Candidate:
    """The box of somebody who may need a closer look. frames: in how many, one after the other."""

    box: Box
    frames: int


@dataclass(frozen=True)
class Following:
    """What is known of a scene after a frame.

    way: how the last frame was looked at. votes: what the first frames with somebody in them said of it. tracks: the
    small people. candidates: those who may become one.
    """

    way: Way
    votes: tuple[Way, ...]
    tracks: tuple[Track, ...] = ()
    candidates: tuple[Candidate, ...] = ()


def follow(
    model: Model, photo: Photo, known: Following | None, view: Image.Image | None = None
) -> tuple[list[Look], Following]:
    """Look at a frame, and say what is known for the next one.

    known: after the frame before; None where a scene begins. view: of the whole frame, if it is there already.
    """
    if known is None or (BUDGETS[model.quality].small_views and len(known.votes) < VOTES):
        first = first_look(model.engine, photo, BUDGETS[model.quality])
        own = Way(first.look.turn, first.is_small_clearer)
        if known is None:
            return _begin(model, photo, first, (own,) if shows_somebody([first.look]) else ())
        votes = (*known.votes, own) if shows_somebody([first.look]) else known.votes
        way = _decided(votes)
        if way != own:
            first = _first_look(model, photo, way, view)
        if way != known.way:  # boxes were looked for in turned frames, or not at all
            return _begin(model, photo, first, votes)
    else:
        votes, way = known.votes, known.way
        first = _first_look(model, photo, way, view)
    if way.is_small_clearer:
        return model.second_looks(photo, [with_detail(first.small, first.look)]), Following(way, votes)
    closer, tracks, candidates = _closer(model, photo, first.look, known)
    return model.second_looks(photo, [first.look, *closer]), Following(way, votes, tracks, candidates)


def _begin(model: Model, photo: Photo, first: FirstLook, votes: tuple[Way, ...]) -> tuple[list[Look], Following]:
    """Look at a frame as at a photo."""
    looks = find_people(model.engine, photo, BUDGETS[model.quality], first)
    tracks = tuple(track for track in map(Track.begun, looks[1:]) if track is not None)
    return model.second_looks(photo, looks), Following(Way(first.look.turn, first.is_small_clearer), votes, tracks)


def _first_look(model: Model, photo: Photo, way: Way, view: Image.Image | None) -> FirstLook:
    """Look at a whole frame in a way that is decided."""
    if view is None or way.turn:
        look = look_at(model.engine, photo, whole(photo), way.turn)
    else:
        look = look_at_view(model.engine, photo, whole(photo), view)
    small = smaller_look(model.engine, photo, look, way.turn) if way.is_small_clearer else look
    return FirstLook(look, small, way.is_small_clearer)


def _decided(votes: tuple[Way, ...]) -> Way:
    """What most frames say; the usual way where they disagree."""
    (way, count), *_ = Counter(votes).most_common(1) or [(Way(), 1)]
    return way if 2 * count > len(votes) else Way()


def _closer(
    model: Model, photo: Photo, first: Look, known: Following
) -> tuple[list[Look], tuple[Track, ...], tuple[Candidate, ...]]:
    """The closer looks at a frame, and what is known of small people after it."""
    looks: list[Look] = []
    tracks: list[Track] = []
    for track in known.tracks:
        look, after = look_at_track(model, photo, track, first)
        if look is not None:
            looks.append(look)
        if after is not None and not any(after.is_within(other) for other in tracks):
            tracks.append(after)
    candidates = []
    for candidate in _candidates(model, photo, first, known.candidates, tracks):
        if candidate.frames < AGREED:
            candidates.append(candidate)
            continue
        look = look_closer(model.engine, photo, candidate.box, first.turn, first)
        begun = Track.begun(look)
        if begun is not None and not any(begun.is_within(other) for other in tracks):
            looks.append(look)
            tracks.append(begun)
    return looks, tuple(tracks), tuple(candidates)


def look_at_track(model: Model, photo: Photo, track: Track, first: Look) -> tuple[Look | None, Track | None]:
    """One look at a box, two where somebody has moved out of it; none where nobody is seen, and the track after it.

    first: the look at the whole frame.
    """
    size = photo.image.size
    look = look_at_people(model.engine, photo, track.box, first.turn, first)
    people = seen_in(look, track.people)
    if people is not None and is_cut_off(look, people, size):
        better = widened(people, size)
        if better != look.box:
            look = look_at_people(model.engine, photo, better, first.turn, first)
            track, people = replace(track, box=better, people=people), seen_in(look, people)
    after = track.after(look, size, model.engine.size, first.turn)
    return None if people is None else look, after


def _candidates(
    model: Model, photo: Photo, first: Look, known: tuple[Candidate, ...], tracks: list[Track]
) -> list[Candidate]:
    """Who may need a closer look beside those who are followed, and in how many frames."""
    most = BUDGETS[model.quality].closer
    boxes = boxes_of_people(first.alpha, photo.image.size, model.engine.size, most, first.turn)
    found = [box for box in boxes if not any(overlap(box, track.people) for track in tracks)]
    return [
        Candidate(box, 1 + max((each.frames for each in known if overlap(box, each.box)), default=0))
        for box in found[: max(0, most - len(tracks))]
    ]


def followed_only(looks: list[Look]) -> bool:
    """Whether nobody is seen outside the boxes of small people."""
    first, *closer = looks
    rest = first.alpha.copy()
    height, width = rest.shape
    for look in closer:
        left, top, right, bottom = enlarged(look.box, first.box[3:1:-1], (width, height))
        rest[top:bottom, left:right] = 0
    return float(rest.max()) <= SOMETHING


def followed_shots(model: Model, frames: Iterable[tuple[T, Photo]]) -> Iterator[Shot[T]]:
    """Look at all frames, one after the other, and follow their people; each shot comes at once."""
    is_cut, known = CutDetector(), None
    for frame, photo in frames:
        view = model.network_view(photo)
        looks, known = follow(model, photo, None if is_cut(view) else known, view)
        yield Shot(frame, photo, looks, GUIDES[model.quality])
