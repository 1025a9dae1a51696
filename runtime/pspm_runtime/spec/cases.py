"""The cases of the test vectors: inputs of every stage and what the Python runtime computes from them."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import ExifTags, Image

from pspm_runtime.benchmark.statistics import summary
from pspm_runtime.bundle import Bundle, digest
from pspm_runtime.engines.open_engine import open_engine
from pspm_runtime.files.photo import Photo, open_photo
from pspm_runtime.files.sample import sample_photo
from pspm_runtime.model import Model
from pspm_runtime.spec.case import Case
from pspm_runtime.spec.look_cases import look_cases
from pspm_runtime.spec.pictures import disc, gradient, noise, to_codes
from pspm_runtime.stages.bokeh import blur_background, disc_blur
from pspm_runtime.stages.box_filter import box_mean
from pspm_runtime.stages.compose import compose, cover_box, cut_out, replace_background
from pspm_runtime.stages.foreground import estimate_foreground
from pspm_runtime.stages.network_view import InputSize, resize_to_view
from pspm_runtime.stages.refine import refine, settle
from pspm_runtime.stages.temporal_smoothing import smooth

SIDE = 192
PORTRAIT = 288, 384
SQUARES = 256, 512
STRENGTHS = 0.02, 0.25, 0.6, 1.0
COLOUR = 32, 160, 255


def cases(bundle: Bundle) -> Iterator[Case]:
    """Yield every case: the sample portrait through a model with a small view, and synthetic edge cases."""
    small = Model(open_engine(replace(bundle, size=replace(bundle.size, side=SIDE)), threads=1), quality="fast")
    portrait = Photo(_portrait(PORTRAIT))
    view = small.network_view(portrait)
    alpha = small.engine.alpha(_a(view))
    matte = small.matte(portrait)

    yield from _geometry(bundle)
    yield from _views(small, bundle, portrait)
    yield from _mattes(small, portrait, view, alpha)
    yield from _effects(portrait, matte)
    yield from _sequences(small)
    yield _digest()
    yield from look_cases()


def _geometry(bundle: Bundle) -> Iterator[Case]:
    rng = np.random.default_rng(1)
    frames = np.concatenate(
        [rng.integers(1, 6000, (40, 2)), [[1920, 1080], [480, 640], [16, 16], [9000, 10], [48, 80]]]
    )
    rules = {
        "shipped": bundle.size,
        "small": replace(bundle.size, side=SIDE),
        "square": InputSize(256, 256, 256),
        "listed": InputSize(512, 512, 512, ((512, 512), (512, 384), (384, 512))),
    }
    for name, rule in rules.items():
        fitted = np.array([rule.fit(int(w), int(h)) for w, h in frames])
        yield Case("fit", name, vars(rule), {"frames": frames}, {"sizes": fitted})
    boxes = [cover_box((int(w), int(h)), PORTRAIT) for w, h in frames]
    yield Case("cover", "portrait", {"frame": list(PORTRAIT)}, {"pictures": frames}, {"boxes": np.array(boxes)})
    picture = _gradient(20, 14)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        file = io.BytesIO()
        picture.save(file, "PNG", exif=exif)
        upright = open_photo(file.getvalue()).image
        yield Case("orient", str(orientation), {"exif": orientation}, {"image": _a(picture)}, {"image": _a(upright)})


def _views(small: Model, bundle: Bundle, portrait: Photo) -> Iterator[Case]:
    rule = vars(small.engine.size)
    mean, std = (np.asarray(x, np.float32) for x in (bundle.mean, bundle.std))
    pictures = {
        "portrait": portrait.image,
        "noise": _noise(300, 200),
        "larger": _gradient(60, 90),
        "far-smaller": _noise(997, 801),
    }
    for name, picture in pictures.items():
        view = small.network_view(Photo(picture))
        yield Case("resize", name, rule, {"image": _a(picture)}, {"view": _a(view)})
    transparent = Photo(pictures["noise"], Image.fromarray(to_codes(_disc(300, 200))))
    assert transparent.transparency is not None  # noqa: S101 - for the type checker
    inputs = {"image": _a(transparent.image), "transparency": _a(transparent.transparency)}
    yield Case("resize", "transparent", rule, inputs, {"view": _a(small.network_view(transparent))})
    view = small.network_view(portrait)
    normalised = (np.asarray(view, np.float32) / 255 - mean) / std
    numbers = {"mean": mean.tolist(), "std": std.tolist()}
    yield Case("normalise", "portrait", numbers, {"view": _a(view)}, {"image": normalised.transpose(2, 0, 1)})


def _mattes(small: Model, portrait: Photo, view: Image.Image, alpha: np.ndarray) -> Iterator[Case]:
    yield Case("network", "portrait", {}, {"view": _a(view)}, {"alpha": alpha})
    for side in SQUARES:
        square = _portrait((side, side))
        yield Case("network", f"square-{side}", {}, {"view": _a(square)}, {"alpha": small.engine.alpha(_a(square))})
    yield Case("settle", "portrait", {}, {"alpha": alpha}, {"alpha": settle(alpha)})

    stack = np.random.default_rng(2).random((2, 37, 53), np.float32)
    for radius in (1, 4, 60):
        yield Case("box-mean", f"radius-{radius}", {"radius": radius}, {"x": stack}, {"mean": box_mean(stack, radius)})

    noisy, soft = _noise(300, 200), _disc(96, 64)
    flat = np.full((64, 96), 0.6, np.float32)
    hard = (soft > 0.5).astype(np.float32)
    for name, picture, seen, matte in (
        ("portrait", portrait.image, view, alpha),
        ("disc", noisy, _resized(noisy, (96, 64)), soft),
        ("hard", noisy, _resized(noisy, (96, 64)), hard),
        ("flat", noisy, _resized(noisy, (96, 64)), flat),
        ("smaller", _noise(60, 40), _resized(_noise(60, 40), (96, 64)), soft),
        ("extreme", _noise(640, 33), _resized(_noise(640, 33), (320, 16)), _disc(320, 16)),
    ):
        inputs = {"alpha": matte, "view": _a(seen), "image": _a(picture)}
        yield Case("refine", name, {}, inputs, {"matte": _a(refine(matte, seen, picture))})
    yield Case(
        "matte",
        "portrait",
        vars(small.engine.size),
        {"image": _a(portrait.image)},
        {"matte": _a(small.matte(portrait))},
    )


def _effects(portrait: Photo, matte: Image.Image) -> Iterator[Case]:
    person = {"image": _a(portrait.image), "matte": _a(matte)}
    foreground = estimate_foreground(portrait.image, matte)
    yield Case("foreground", "portrait", {}, person, {"foreground": _a(foreground)})
    noisy, soft = _noise(700, 90), Image.fromarray(to_codes(_disc(700, 90)))
    of_disc = estimate_foreground(noisy, soft)
    yield Case("foreground", "disc", {}, {"image": _a(noisy), "matte": _a(soft)}, {"foreground": _a(of_disc)})

    pictures = {
        "colour": Image.new("RGB", (1, 1), COLOUR),
        "picture": _noise(320, 200, seed=5),
        "tall-picture": _gradient(50, 300),
    }
    for name, picture in pictures.items():
        laid = foreground.copy()
        compose(laid, matte, picture)
        inputs = {"foreground": _a(foreground), "matte": _a(matte), "picture": _a(picture)}
        yield Case("composite", name, {}, inputs, {"image": _a(laid)})
        whole = replace_background(portrait, matte, Photo(picture))
        yield Case("replace", name, {}, {**person, "picture": _a(picture)}, {"image": _a(whole)})
    yield Case("cut-out", "portrait", {}, person, {"image": _a(cut_out(portrait, matte))})

    rng = np.random.default_rng(3)
    weight = _disc(80, 60)[None]
    light = rng.random((3, 60, 80), np.float32) * 4
    left = np.where(np.arange(80) < 24, weight, 0).astype(np.float32)
    for name, counted, radius in (
        ("radius-0.7", weight, 0.7),
        ("radius-3.0", weight, 3.0),
        ("radius-7.25", weight, 7.25),
        ("far-away", left, 3.0),
    ):
        inputs = {"light": light * counted, "weight": counted}
        blurred = disc_blur(light * counted, counted, radius)
        yield Case("disc-blur", name, {"radius": radius}, inputs, {"light": blurred})
    half_certain, flat = _half_certain(portrait.image), Image.new("L", PORTRAIT, 150)
    for name, seen, strengths in (
        ("strength", matte, STRENGTHS),
        ("half-certain", half_certain, STRENGTHS[1:]),
        ("flat", flat, STRENGTHS[-1:]),
    ):
        inputs = {"image": _a(portrait.image), "matte": _a(seen)}
        for strength in strengths:
            shot = blur_background(portrait, seen, strength)
            yield Case("blur", f"{name}-{strength}", {"strength": strength}, inputs, {"image": _a(shot)})


def _sequences(small: Model) -> Iterator[Case]:
    rng = np.random.default_rng(4)
    moving = np.stack([np.roll(_disc(64, 48), step * step, axis=1) for step in range(6)])
    flickering = np.clip(np.stack([_disc(64, 48)] * 6) + rng.normal(0, 0.03, (6, 48, 64)), 0, 1).astype(np.float32)
    for name, frames in (("moving", moving), ("flickering", flickering)):
        shown: list[np.ndarray] = []
        for frame in frames:
            shown.append(smooth(frame, shown[-1] if shown else None))
        yield Case("smooth", name, {}, {"frames": frames}, {"shown": np.stack(shown)})
    for n in (1, 2, 7, 250):
        samples = rng.gamma(4, 5, n)
        found = {name: np.array(value) for name, value in summary(samples.tolist()).items()}
        yield Case("statistics", f"of-{n}", {}, {"samples": samples}, found)


def _digest() -> Case:
    """The sha256 of a folder. The inputs are its files, named by their paths."""
    rng = np.random.default_rng(6)
    files = {name: rng.integers(0, 256, n, np.uint8) for name, n in _FILES.items()}
    with TemporaryDirectory() as scratch:
        for name, content in files.items():
            path = Path(scratch) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.tobytes())
        found = digest(Path(scratch))
    return Case("digest", "folder", {}, files, {"sha256": np.frombuffer(bytes.fromhex(found), np.uint8)})


# Names whose order differs by bytes, by folder and by letter.
_FILES = {
    "Manifest.json": 700,
    "Data/weights/weight.bin": 5000,
    "Data/model.mlmodel": 55,
    "Data-2": 0,
    "a": 64,
    "Z": 119,
}


def _portrait(size: tuple[int, int]) -> Image.Image:
    """The sample portrait, centre-cropped and resized to (width, height)."""
    with Image.open(sample_photo()) as sample:
        box = cover_box(sample.size, size)
        return sample.convert("RGB").resize(size, Image.Resampling.BILINEAR, box=box)


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return resize_to_view(picture, size)


def _noise(width: int, height: int, seed: int = 0) -> Image.Image:
    return Image.fromarray(noise(width, height, seed=seed))


def _gradient(width: int, height: int) -> Image.Image:
    return Image.fromarray(gradient(width, height))


def _disc(width: int, height: int) -> np.ndarray:
    return disc(width, height, softness=0.2)


def _half_certain(picture: Image.Image) -> Image.Image:
    """A matte that is soft everywhere but in a strip at the left, where it is 0."""
    unsure = picture.convert("L").point([round(64 + code / 2) for code in range(256)])
    unsure.paste(0, (0, 0, picture.width // 5, picture.height))
    return unsure


def _a(image: Image.Image) -> np.ndarray:
    return np.asarray(image)
