"""People who are followed through frames: which looks each frame gets."""

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.look import Look, whole
from pspm_runtime.looks.quality import Quality
from pspm_runtime.model import Model
from pspm_runtime.video.people.follow import VOTES, follow, followed_only, followed_shots
from pspm_runtime.video.people.track import AGREED
from pspm_runtime.video.steady.between import spaced_shots
from pspm_runtime.video.steady.temporal_filter import steadied

from tests.runtime.fake_engine import FakeEngine

SIZE = 1920, 1200
WALL, SEA = (200, 200, 255), (10, 60, 120)


class Green(FakeEngine):
    """Sees green. blind: the numbers of the runs that see nobody."""

    def __init__(self, *blind: int) -> None:
        super().__init__()
        self.blind = blind

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        self.runs.append((view, trimap))
        person = (view[..., 1] > 150) & (view[..., 0] < 100)
        return person.astype(np.float32) * (len(self.runs) - 1 not in self.blind)


def frame(*people: tuple[int, int, int, int], wall: tuple[int, int, int] = WALL) -> tuple[None, Photo]:
    image = Image.new("RGB", SIZE, wall)
    for box in people:
        image.paste((0, 200, 0), box)
    return None, Photo(image)


def walker(across: int) -> tuple[int, int, int, int]:
    return 700 + across, 500, 820 + across, 800


def model_of(engine: FakeEngine, quality: Quality = "fast") -> Model:
    return Model(engine, quality=quality)


def test_the_first_frame_is_looked_at_as_a_photo() -> None:
    model, photo = model_of(Green()), frame(walker(0))[1]

    looks, _ = follow(model, photo, None)

    for look, other in zip(looks, model.looks(photo), strict=True):
        assert look.box == other.box
        assert np.array_equal(look.alpha, other.alpha)


def test_each_further_frame_gets_one_look_for_each_box() -> None:
    engine = Green()
    frames = [frame(walker(10 * i), (1500, 700, 1580, 900)) for i in range(8)]

    shots = list(followed_shots(model_of(engine), frames))

    assert [len(shot.looks) for shot in shots] == [3] * 8
    first = list(followed_shots(model_of(Green()), frames[:1]))
    assert len(first[0].looks) == 3
    begin = Green()
    list(followed_shots(model_of(begin), frames[:1]))
    assert len(engine.runs) == len(begin.runs) + 7 * 3
    # The person who stands keeps the box; that of the one who walks keeps its size.
    assert len({shot.looks[2].box for shot in shots}) == 1
    assert len({(box[2] - box[0], box[3] - box[1]) for box in (shot.looks[1].box for shot in shots)}) == 1
    for i, shot in enumerate(shots):
        assert np.abs(np.asarray(shot.matte)[600:700, 705 + 10 * i : 815 + 10 * i]).min() == 255


def test_who_is_missed_in_a_frame_is_not_lost() -> None:
    begin = Green()
    list(followed_shots(model_of(begin), [frame(walker(0))]))
    missed = len(begin.runs) + 3  # the closer look at the third frame

    shots = list(followed_shots(model_of(Green(missed)), [frame(walker(0))] * 5))

    assert [len(shot.looks) for shot in shots] == [2, 2, 1, 2, 2]
    assert shots[3].looks[1].box == shots[1].looks[1].box
    # The look at the whole frame has the person all the same.
    assert (np.asarray(shots[2].matte)[600:700, 710:810] == 255).all()


def test_who_has_gone_gets_no_more_looks() -> None:
    engine = Green()

    shots = list(followed_shots(model_of(engine), [frame(walker(0))] + [frame()] * (AGREED + 3)))

    assert [len(shot.looks) for shot in shots] == [2] + [1] * (AGREED + 3)
    assert len(engine.runs) - 2 == 2 * AGREED + 3


def test_who_appears_gets_a_box_when_several_frames_agree() -> None:
    shots = list(followed_shots(model_of(Green()), [frame()] + [frame(walker(0))] * (AGREED + 2)))

    assert [len(shot.looks) for shot in shots] == [1] + [1] * (AGREED - 1) + [2] * 3


def test_a_cut_begins_anew() -> None:
    scene = [frame((1400, 300, 1500, 560), wall=SEA)] * 3

    shots = list(followed_shots(model_of(Green()), [frame(walker(0))] * 3 + scene))

    alone = list(followed_shots(model_of(Green()), scene))
    assert [shot.looks[1].box for shot in shots[3:]] == [shot.looks[1].box for shot in alone]
    assert np.array_equal(shots[3].looks[1].alpha, alone[0].looks[1].alpha)


@pytest.mark.parametrize("wrong", range(1, VOTES))
def test_one_frame_does_not_turn_a_scene(wrong: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turned look in one of the first frames."""
    from pspm_runtime.video.people import follow as module

    looked, number = module.first_look, iter(range(VOTES))

    def once_turned(*arguments: object) -> module.FirstLook:
        first = looked(*arguments)  # type: ignore[arg-type]
        if next(number) != wrong:
            return first
        return first._replace(look=Look(first.look.box, first.look.alpha, first.look.view, 1))

    monkeypatch.setattr(module, "first_look", once_turned)
    big = (500, 100, 1400, 1200)

    shots = list(followed_shots(model_of(Green(), "balanced"), [frame(big)] * (VOTES + 3)))

    assert [shot.looks[0].turn for shot in shots] == [0] * (VOTES + 3)


def test_the_way_is_decided_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from pspm_runtime.video.people import follow as module

    looked, calls = module.first_look, []

    def counted(*arguments: object) -> module.FirstLook:
        calls.append(1)
        return looked(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "first_look", counted)
    known = None
    for _ in range(VOTES + 3):
        _, known = follow(model_of(Green(), "balanced"), frame((500, 100, 1400, 1200))[1], known)

    assert len(calls) == VOTES
    assert known is not None
    assert known.votes == (known.way,) * VOTES


def test_frames_between_have_the_boxes() -> None:
    """Of a person who moves by two pixels a frame, hardly any other frame needs a run."""
    engine, all_seen = Green(), Green()
    frames = [frame(walker(2 * i)) for i in range(9)]

    shots = list(spaced_shots(model_of(engine), frames))
    seen = list(followed_shots(model_of(all_seen), frames))

    assert len(engine.runs) <= len(all_seen.runs) - 4 * 2 + 1
    assert [[look.box for look in shot.looks] for shot in shots] == [[look.box for look in shot.looks] for shot in seen]
    for shot, other in zip(shots, seen, strict=True):
        differ = np.abs(np.asarray(shot.matte, float) - np.asarray(other.matte, float))
        assert differ.mean() < 0.05


def test_of_who_moves_fast_only_the_box_is_seen() -> None:
    engine, all_seen = Green(), Green()
    frames = [frame(walker(40 * i)) for i in range(9)]

    list(spaced_shots(model_of(engine), frames))
    list(followed_shots(model_of(all_seen), frames))

    assert len(engine.runs) <= len(all_seen.runs) - 4


def test_the_filter_works_where_a_box_moves() -> None:
    """Noise of the closer looks is averaged, also around the frames where the box has moved."""
    rng = np.random.default_rng(0)

    class Noisy(Green):
        def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
            alpha = super().alpha(view)
            return np.clip(alpha * (0.9 + rng.normal(0, 0.05)), 0, 1).astype(np.float32)

    shots = list(followed_shots(model_of(Noisy()), [frame(walker(12 * i)) for i in range(24)]))
    assert len({shot.looks[1].box for shot in shots}) > 2

    def level(number: int, matte: Image.Image) -> float:
        return float(np.asarray(matte)[600:700, 740 + 12 * number : 780 + 12 * number].mean())

    plain = [level(i, shot.matte) for i, shot in enumerate(shots)]
    steady = [level(i, shot.matte) for i, shot in enumerate(steadied(iter(shots)))]
    assert np.std(np.diff(steady[3:-3])) < 0.6 * np.std(np.diff(plain[3:-3]))


def test_followed_only() -> None:
    photo = frame()[1]
    alpha = np.zeros((120, 192), np.float32)
    alpha[40:60, 80:100] = 1
    first = Look(whole(photo), alpha, photo.image)
    box = Look((700, 300, 1100, 700), alpha, photo.image)

    assert followed_only([first, box])
    assert not followed_only([first])
    alpha[100:, :20] = 0.5
    assert not followed_only([first, box])
