"""The cases of the matte: everything between the network and the effects, on generated mattes."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from pspm_runtime.looks.find import shows_somebody
from pspm_runtime.looks.look import Look
from pspm_runtime.spec.case import Case
from pspm_runtime.spec.pictures import disc, noise, to_codes
from pspm_runtime.stages.box_filter import box_mean
from pspm_runtime.stages.network_view import resize_to_view
from pspm_runtime.stages.own_transparency import within_transparency
from pspm_runtime.stages.refine import linear_models, luma, refine, settle
from pspm_runtime.stages.trimap import fit_trimap, open_trimap

VIEW = 96, 64
# Means of mattes; from 0.005 on there is somebody. They do not move with the constant.
MEANS = 0.0, 0.0025, 0.00495, 0.004975, 0.005025, 0.00505, 0.01, 0.5


def matte_cases() -> Iterator[Case]:
    """Yield the cases."""
    ramp = np.linspace(0, 1, 53 * 37, dtype=np.float32).reshape(37, 53)
    yield Case("settle", "ramp", {}, {"alpha": ramp}, {"alpha": settle(ramp)})
    stack = np.random.default_rng(2).random((2, 37, 53), np.float32)
    for radius in (1, 4, 60):
        yield Case("box-mean", f"radius-{radius}", {"radius": radius}, {"x": stack}, {"mean": box_mean(stack, radius)})
    for width, height in ((300, 200), (60, 40)):
        view = resize_to_view(Image.fromarray(noise(width, height)), VIEW)
        alpha = settle(disc(*VIEW, 0.2))
        slope, offset = linear_models(luma(view), alpha)
        inputs = {"alpha": alpha, "view": np.asarray(view)}
        yield Case("linear-models", f"disc-{width}", {}, inputs, {"slope": slope, "offset": offset})
    yield from _refined()
    yield from _person()
    yield from _trimaps()
    yield from _transparent()


def _refined() -> Iterator[Case]:
    noisy, soft = noise(300, 200), disc(*VIEW, 0.2)
    for name, picture, matte in (
        ("disc", noisy, soft),
        ("hard", noisy, (soft > 0.5).astype(np.float32)),
        ("flat", noisy, np.full(VIEW[::-1], 0.6, np.float32)),
        ("smaller", noise(60, 40), soft),
        ("extreme", noise(640, 33), disc(320, 16, 0.2)),
    ):
        image = Image.fromarray(picture)
        seen = resize_to_view(image, (matte.shape[1], matte.shape[0]))
        inputs = {"alpha": matte, "view": np.asarray(seen), "image": picture}
        yield Case("refine", name, {}, inputs, {"matte": np.asarray(refine(matte, seen, image))})


def _person() -> Iterator[Case]:
    for mean in MEANS:
        alpha = np.full((20, 30), mean, np.float32)
        found = shows_somebody([Look((0, 0, 30, 20), alpha, Image.new("RGB", (30, 20)))])
        yield Case("person", f"mean-{mean:g}", {}, {"alpha": alpha}, {"person": np.array([found], np.int32)})


def _trimaps() -> Iterator[Case]:
    drawn = np.clip(np.round(np.linspace(-20, 275, 64)), 0, 255).astype(np.uint8)
    painted = np.repeat(np.tile(drawn, (48, 1))[..., None], 3, 2)
    trimap = open_trimap(painted, (64, 48), 1)
    fitted = fit_trimap(trimap, (24, 16))
    made = {"trimap": np.asarray(trimap), "known": fitted}
    yield Case("trimap", "levels", {}, {"image": painted}, made)


def _transparent() -> Iterator[Case]:
    matte = Image.fromarray(to_codes(disc(320, 240, 0.3)))
    rng = np.random.default_rng(8)
    speckled = np.where(rng.random((240, 320)) < 0.5, to_codes(disc(320, 240, 0.2, 0.75)), rng.integers(240, 256))
    pinhole = np.full((240, 320), 255, np.uint8)
    pinhole[100:110, 150:160] = 0
    even = Image.new("L", (320, 240), 235)
    for name, seen, transparency in (
        ("pinhole", even, pinhole),
        ("cut-out", matte, to_codes(disc(320, 240, 0.2, 0.62))),
        ("wider", matte, to_codes(disc(320, 240, 0.1, 0.8))),
        ("stripes", matte, np.tile(np.linspace(225, 255, 320), (240, 1)).astype(np.uint8)),
        ("speckled", matte, speckled.astype(np.uint8)),
    ):
        inputs = {"matte": np.asarray(seen), "transparency": transparency}
        result = within_transparency(seen, Image.fromarray(transparency))
        yield Case("own-transparency", name, {}, inputs, {"matte": np.asarray(result)})
