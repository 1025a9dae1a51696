"""The cases of the effects, on generated mattes: foreground colours, cut-outs, new and blurred backgrounds."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from pspm_runtime.files.photo import Photo
from pspm_runtime.spec.case import Case
from pspm_runtime.spec.geometry_cases import PORTRAIT
from pspm_runtime.spec.pictures import disc, gradient, noise, portrait, to_codes
from pspm_runtime.stages.bokeh import blur_background, disc_blur
from pspm_runtime.stages.compose import compose, cut_out, replace_background
from pspm_runtime.stages.foreground import estimate_foreground

STRENGTHS = 0.02, 0.0366, 0.0378, 0.25, 0.6, 1.0
COLOUR = 32, 160, 255
# Of these lengths, the windows of the foreground and the cells of a cut-out round up or down just so.
LENGTHS = 700, 156, 158, 238, 240
CUT_OUTS = 384, 381


def effect_cases() -> Iterator[Case]:
    """Yield the cases."""
    for length in LENGTHS:
        noisy, soft = noise(length, 90), to_codes(disc(length, 90, 0.2))
        found = estimate_foreground(Image.fromarray(noisy), Image.fromarray(soft))
        name = "disc" if length == LENGTHS[0] else f"disc-{length}"
        yield Case("foreground", name, {}, {"image": noisy, "matte": soft}, {"foreground": np.asarray(found)})
    for length in CUT_OUTS:
        noisy, soft = noise(length, 60), to_codes(disc(length, 60, 0.2, 0.3))
        shot = cut_out(Photo(Image.fromarray(noisy)), Image.fromarray(soft))
        yield Case("cut-out", f"disc-{length}", {}, {"image": noisy, "matte": soft}, {"image": np.asarray(shot)})
    matte = Image.fromarray(to_codes(disc(*PORTRAIT, 0.2)))
    yield from composed("disc-", Photo(portrait(*PORTRAIT)), matte)
    yield from _blurred_light()
    yield from _blurred()


def composed(prefix: str, photo: Photo, matte: Image.Image) -> Iterator[Case]:
    """Cases of a photo and its matte over a colour and pictures. prefix: of their names."""
    person = {"image": np.asarray(photo.image), "matte": np.asarray(matte)}
    foreground = estimate_foreground(photo.image, matte)
    pictures = {
        "colour": Image.new("RGB", (1, 1), COLOUR),
        "picture": Image.fromarray(noise(320, 200, seed=5)),
        "tall-picture": Image.fromarray(gradient(50, 300)),
    }
    for name, picture in pictures.items():
        laid = foreground.copy()
        compose(laid, matte, picture)
        inputs = {"foreground": np.asarray(foreground), "matte": np.asarray(matte), "picture": np.asarray(picture)}
        yield Case("compose", prefix + name, {}, inputs, {"image": np.asarray(laid)})
        whole = replace_background(photo, matte, Photo(picture))
        inputs = {**person, "picture": np.asarray(picture)}
        yield Case("replace-background", prefix + name, {}, inputs, {"image": np.asarray(whole)})


def _blurred_light() -> Iterator[Case]:
    for name, width, radius in (
        ("radius-0.7", 80, 0.7),
        ("radius-3.0", 80, 3.0),
        ("radius-7.25", 80, 7.25),
        ("far-away", 80, 3.0),
        ("96-wide", 96, 3.0),
        ("98-wide", 98, 3.0),
    ):
        light = np.random.default_rng(3).random((3, 60, width), np.float32) * 4
        weight = disc(width, 60, 0.2)[None]
        if name == "far-away":
            weight = np.where(np.arange(width) < 24, weight, 0).astype(np.float32)
        inputs = {"light": light * weight, "weight": weight}
        blurred = disc_blur(light * weight, weight, radius)
        yield Case("disc-blur", name, {"radius": radius}, inputs, {"light": blurred})


def _blurred() -> Iterator[Case]:
    image = portrait(*PORTRAIT)
    faint = np.full(PORTRAIT[::-1], 13, np.uint8)
    faint[:, : PORTRAIT[0] // 2] = 255
    for name, seen, strengths in (
        ("disc", Image.fromarray(to_codes(disc(*PORTRAIT, 0.2))), STRENGTHS),
        ("half-certain", _half_certain(image), STRENGTHS[-3:]),
        ("flat", Image.new("L", PORTRAIT, 150), STRENGTHS[-1:]),
        ("faint", Image.fromarray(faint), STRENGTHS[-1:]),
    ):
        yield from blurred(name, Photo(image), seen, strengths)


def blurred(name: str, photo: Photo, matte: Image.Image, strengths: tuple[float, ...]) -> Iterator[Case]:
    """Cases of a photo and its matte with the background blurred."""
    inputs = {"image": np.asarray(photo.image), "matte": np.asarray(matte)}
    for strength in strengths:
        shot = np.asarray(blur_background(photo, matte, strength))
        yield Case("blur-background", f"{name}-{strength}", {"strength": strength}, inputs, {"image": shot})


def _half_certain(picture: Image.Image) -> Image.Image:
    """A matte that is soft everywhere but in a strip at the left, where it is 0."""
    unsure = picture.convert("L").point([round(64 + code / 2) for code in range(256)])
    unsure.paste(0, (0, 0, picture.width // 5, picture.height))
    return unsure
