"""A second look decides what is near the soft pixels of the first matte, within its runs, and nothing else."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pspm_runtime import Model, ModelError, open_photo
from pspm_runtime.constants import SECOND_REACH
from pspm_runtime.looks.look import Look, agreed, look_at, view_of, whole
from pspm_runtime.looks.quality import QUALITIES, Quality
from pspm_runtime.looks.second_look import NEARNESS, Nearness, blend, second_look, share_of_second_look
from pspm_runtime.stages.network_view import InputSize
from pspm_runtime.stages.refine import settle

from tests.runtime.fake_engine import FakeEngine, same_everywhere
from tests.runtime.pictures import around, disc, gradient

PHOTO = open_photo(gradient(800, 600))
# The sizes of the two views of that photo.
WIDTH, HEIGHT = 768, 576
FIRST = 592, 448
NEAR = Nearness(scale=1.3, runs=2, mirrored=False)


def first(engine: FakeEngine) -> Look:
    look = look_at(engine, PHOTO, whole(PHOTO))
    engine.runs.clear()
    return look


def resized(plane: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(plane).resize((666, 666), Image.Resampling.BILINEAR))


def middle_of(whole: np.ndarray) -> Callable[[int, int], np.ndarray]:
    """Answer the middle of a matte of the whole larger view, which is what the network sees of a disc."""
    height, width = whole.shape[:2]
    return lambda w, h: whole[(height - h) // 2 : (height + h) // 2, (width - w) // 2 : (width + w) // 2]


def test_the_network_sees_the_part_with_soft_pixels_from_nearer() -> None:
    engine = FakeEngine()
    look = first(engine)
    assert look.view.size == FIRST

    second = second_look(engine, PHOTO, look, NEAR)

    assert second.box == look.box
    assert second.view.size == (WIDTH, HEIGHT)
    assert second.alpha.shape == (HEIGHT, WIDTH)
    ((view, trimap),) = engine.runs
    assert trimap is None
    # The ellipse takes 0.6 of each side, and its soft edge a little more.
    assert view.shape == (448, 544, 3)
    assert np.array_equal(view, middle_of(np.asarray(second.view))(544, 448))


def test_it_decides_soft_pixels_and_leaves_the_inside_and_the_background() -> None:
    engine = FakeEngine()
    look = first(engine)
    answer = 0.95 * disc(WIDTH, HEIGHT)
    engine.answer = middle_of(answer)
    soft = (settle(look.alpha) > 0) & (settle(look.alpha) < 1)

    alpha = second_look(engine, PHOTO, look, NEAR).alpha

    far = ~around(soft, SECOND_REACH + 2)
    rows, columns = (np.arange(n) * m // n for n, m in zip(alpha.shape, far.shape, strict=True))
    decided = soft[rows][:, columns]
    left_alone = far[rows][:, columns]
    assert np.abs(alpha - answer)[decided].max() < 1e-6
    assert set(np.unique(alpha[left_alone])) == {0, 1}
    assert left_alone[HEIGHT // 2, WIDTH // 2]
    assert alpha[HEIGHT // 2, WIDTH // 2] == 1


def test_the_same_answer_from_nearer_has_no_seam() -> None:
    engine = FakeEngine()
    look = first(engine)
    engine.answer = middle_of(disc(WIDTH, HEIGHT))

    assert np.abs(second_look(engine, PHOTO, look, NEAR).alpha - disc(WIDTH, HEIGHT)).max() < 0.03


def test_it_moves_a_large_part_by_little() -> None:
    first = np.full((100, 100), 0.5, np.float32)
    for answer, wanted in ((0.9, 0.6), (0.55, 0.55), (0.0, 0.4)):
        alpha = blend(first, np.full((150, 150), answer, np.float32), np.ones_like(first))
        assert np.abs(alpha - wanted).max() < 1e-5


def test_it_may_move_single_strands_by_all() -> None:
    first = np.full((100, 100), 0.5, np.float32)
    second = np.zeros((200, 200), np.float32)
    second[:, ::2] = 1
    assert np.abs(blend(first, second, np.ones_like(first)) - second).max() < 0.01


def test_its_share_fades_out_towards_the_border_of_what_it_decides() -> None:
    alpha = np.zeros((5, 60), np.float32)
    alpha[:, 30] = 0.5

    share = share_of_second_look(alpha, 6)

    # The pixel beside the soft one differs from it, so 30 and 31 count as soft.
    assert np.flatnonzero(share[2]).tolist() == list(range(24, 38))
    assert np.allclose(share[2, 23:28], [0, 0.2, 0.6, 1, 1], atol=1e-6)


@pytest.mark.parametrize("alpha", [0, 0.01, 0.99, 1])
def test_where_nothing_is_soft_nothing_is_run(alpha: float) -> None:
    engine = FakeEngine(same_everywhere(alpha))
    look = first(engine)

    assert second_look(engine, PHOTO, look, NEAR) is look
    assert not engine.runs


def test_a_network_of_a_few_sizes_sees_the_larger_view_in_the_size_of_the_first() -> None:
    engine = FakeEngine(lambda w, h: disc(w, h, share=0.4))
    engine.size = InputSize(512, 32, 512, ((512, 512), (512, 384), (384, 512)))
    look = first(engine)
    assert look.view.size == (512, 384)

    second = second_look(engine, PHOTO, look, NEAR)

    assert second.view.size == (666, 499)
    ((view, _),) = engine.runs
    assert view.shape == (384, 512, 3)
    assert np.array_equal(view, np.asarray(second.view)[58:442, 78:590])


def test_a_network_of_a_few_sizes_sees_a_turned_photo_in_a_size_that_it_takes() -> None:
    engine = FakeEngine(lambda w, h: disc(w, h, share=0.4))
    engine.size = InputSize(512, 32, 512, ((512, 384), (512, 512)))
    photo = open_photo(gradient(600, 800))
    look = look_at(engine, photo, whole(photo), turn=1)
    assert look.view.size == (384, 512)

    second = second_look(engine, photo, look, NEAR)

    assert second.view.size == (499, 666)
    assert [view.shape for view, _ in engine.runs] == [(384, 512, 3)] * 2


@pytest.mark.parametrize("sizes", [(), ((512, 512),)])
def test_a_network_of_one_size_sees_as_much_of_the_larger_view(sizes: tuple[tuple[int, int], ...]) -> None:
    engine = FakeEngine(lambda w, h: disc(w, h, share=0.4))
    engine.size = InputSize(512, 512, 512, sizes)
    look = first(engine)
    wanted = disc(666, 666, softness=0.02, share=0.4)
    engine.answer = lambda w, h: wanted[78:590, 78:590]

    second = second_look(engine, PHOTO, look, NEAR)

    assert second.view.size == (666, 666)
    ((view, _),) = engine.runs
    assert np.array_equal(view, np.asarray(second.view)[78:590, 78:590])
    assert np.abs(second.alpha - wanted).mean() < 0.1 * np.abs(resized(settle(look.alpha)) - wanted).mean()


def test_a_tiny_photo_is_not_enlarged_further() -> None:
    engine, photo = FakeEngine(), open_photo(gradient(160, 120))
    look = look_at(engine, photo, whole(photo))
    assert second_look(engine, photo, look, NEAR) is look


def hair_and_clothes() -> Look:
    """A matte that is soft in its upper third, and has a hard edge straight down below."""
    alpha = np.zeros((FIRST[1], FIRST[0]), np.float32)
    alpha[:, 300:] = 1
    alpha[:150] = np.linspace(0, 1, FIRST[0])
    return Look(whole(PHOTO), alpha, view_of(FakeEngine(), PHOTO, whole(PHOTO)))


@pytest.mark.parametrize("runs", [0.5, 1.2, 1.5])
def test_of_a_large_part_the_softest_is_seen(runs: float) -> None:
    engine, look = FakeEngine(same_everywhere(0.25)), hair_and_clothes()

    second = second_look(engine, PHOTO, look, Nearness(1.6, runs, mirrored=False))

    ((view, _),) = engine.runs
    height, width, _ = view.shape
    most = 2 * engine.size.multiple  # sides are multiples
    assert (height - most) * (width - most) <= runs * look.alpha.size
    scale = second.view.width / FIRST[0]
    assert scale >= 1.25
    # The lower part is as the first look saw it, and what the network saw begins at the upper edge.
    untouched = second.alpha[round(height + SECOND_REACH * scale) :]
    assert np.array_equal(np.asarray(second.view)[:height, :, 1].min(), view[..., 1].min())
    assert ((untouched == 0) | (untouched == 1)).mean() > 0.99


def test_a_side_is_never_longer_than_the_rule_says() -> None:
    engine = FakeEngine(same_everywhere(0.5))
    engine.size = InputSize(512, 16, 640)
    for width, height in ((900, 300), (300, 900), (700, 700)):
        photo = open_photo(gradient(width, height))
        look = look_at(engine, photo, whole(photo))
        engine.runs.clear()
        assert second_look(engine, photo, look, Nearness(1.6, 3, mirrored=False)) is not look
        ((view, _),) = engine.runs
        assert max(view.shape[:2]) <= 640
        assert view.shape[0] % 16 == view.shape[1] % 16 == 0


@pytest.mark.parametrize(("width", "height"), [(5000, 1), (1, 5000), (3000, 20), (20, 3000), (3000, 100), (700, 2)])
def test_a_strip_of_a_photo_goes_through(width: int, height: int) -> None:
    engine, photo = FakeEngine(same_everywhere(0.5)), open_photo(gradient(width, height))
    look = look_at(engine, photo, whole(photo))
    for nearness in NEARNESS.values():
        second = second_look(engine, photo, look, nearness)
        assert second.alpha.shape == (second.view.height, second.view.width)
        assert np.abs(second.alpha - 0.5).max() < 1e-6


def test_mirrored_the_mean_of_both_answers_counts() -> None:
    engine = FakeEngine(same_everywhere(0.5))
    look = first(engine)
    engine.answer = lambda width, height: np.tile(np.linspace(0.4, 0.6, width, dtype=np.float32), (height, 1))

    alpha = second_look(engine, PHOTO, look, Nearness(1.3, 3, mirrored=True)).alpha

    (view, _), (mirrored, _) = engine.runs
    assert np.array_equal(mirrored, view[:, ::-1])
    assert np.abs(alpha - 0.5).max() < 1e-6


def test_an_answer_of_another_size_is_refused() -> None:
    engine = FakeEngine()
    look = first(engine)
    engine.answer = lambda width, height: np.zeros((height, width - 1), np.float32)
    with pytest.raises(ModelError, match="for a view of height x width 448x544"):
        second_look(engine, PHOTO, look, NEAR)


def test_with_best_the_first_look_is_the_mean_with_that_of_the_mirror_image() -> None:
    engine = FakeEngine(lambda width, height: np.tile(np.linspace(0.4, 0.6, width, dtype=np.float32), (height, 1)))
    model = Model(engine, quality="best")

    (look,) = model.looks(model.open(PHOTO))

    assert np.abs(look.alpha - 0.5).max() < 1e-6


def test_what_only_the_mirror_image_shows_is_no_part_of_the_person() -> None:
    one = np.zeros((200, 300), np.float32)
    one[:, 100:200] = 1
    other = one.copy()
    other[120:180, 20:80] = 1  # a bed, say
    other[:, 200:203] = 0.6  # hair

    for alpha in (agreed(one, other), agreed(other, one)):
        assert (alpha[:, 101:199] == 1).all()
        assert (alpha[130:170, 30:70] == 0).all()
        assert np.abs(alpha[40:60, 200:203] - 0.3).max() < 1e-6


@given(st.integers(0, 2**32 - 1), st.sampled_from([(1, 1), (5, 90), (40, 64)]))
def test_what_two_mattes_agree_on_lies_between_the_smaller_one_and_the_mean(seed: int, shape: tuple[int, int]) -> None:
    one, other = np.random.default_rng(seed).random((2, *shape), np.float32)
    alpha = agreed(one, other)
    assert (alpha >= np.minimum(one, other) - 1e-6).all()
    assert (alpha <= (one + other) / 2 + 1e-6).all()
    assert np.allclose(alpha, agreed(other, one))
    assert np.allclose(alpha[:, ::-1], agreed(one[:, ::-1], other[:, ::-1]), atol=1e-6)
    assert np.array_equal(agreed(one, one), one)


@pytest.mark.parametrize(("quality", "runs"), [("fast", 1), ("balanced", 2), ("best", 4)])
def test_runs_of_an_engine_by_quality(quality: Quality, runs: int) -> None:
    engine = FakeEngine()
    Model(engine, quality=quality).predict_alpha(PHOTO)
    assert len(engine.seen) == runs
    assert sum(view.size for view, _ in engine.runs[1:]) <= 1.1 * 6 * engine.runs[0][0].size


def test_a_trimap_of_the_user_takes_no_second_look() -> None:
    trimap = np.full((600, 800), 128, np.uint8)
    trimap[:100] = 0
    mattes = []
    for quality in QUALITIES:
        engine = FakeEngine(takes_trimap=True)
        mattes.append(Model(engine, quality=quality).predict_alpha(PHOTO, trimap=trimap))
        assert len(engine.runs) == 1
    assert np.array_equal(mattes[0], mattes[1])
    assert np.array_equal(mattes[0], mattes[2])


@pytest.mark.parametrize("alpha_bits", [8, 16])
def test_with_best_the_tiles_of_a_trimap_are_seen_mirrored_too(alpha_bits: int) -> None:
    trimap = np.zeros((300, 400), np.uint8)
    trimap[:, :50], trimap[:, 50:90] = 255, 128
    mattes = {}
    for quality in QUALITIES:
        engine = FakeEngine(lambda width, height: np.tile(np.linspace(0, 0.5, width, dtype=np.float32), (height, 1)))
        engine.takes_trimap, engine.size = True, InputSize(416, 32, 1024, overlap=64)
        model = Model(engine, quality=quality)
        mattes[quality] = model.predict_alpha(gradient(400, 300), trimap=trimap, alpha_bits=alpha_bits)
        assert len(engine.runs) == (2 if quality == "best" else 1)
        if quality == "best":
            (mirrored, known), (view, drawn) = engine.runs
            assert known is not None
            assert drawn is not None
            assert np.array_equal(mirrored, view[:, ::-1])
            assert np.array_equal(known, drawn[:, ::-1])
            assert (drawn[:300, :50] == 1).all()
    assert np.array_equal(mattes["fast"], mattes["balanced"])
    assert np.abs(mattes["best"][:, 50:90] - 0.25).max() <= 0.5 / (255 if alpha_bits == 8 else 65535) + 1e-7
    assert (mattes["best"][:, :50] == 1).all()


def test_only_the_fast_quality_takes_no_second_look() -> None:
    assert set(NEARNESS) == set(QUALITIES) - {"fast"}
