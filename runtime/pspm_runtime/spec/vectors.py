"""Test vectors: what every stage of the runtime makes of the same inputs, for apps in other languages."""

import argparse
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from PIL import ExifTags, Image

from pspm_runtime.benchmark.statistics import summary
from pspm_runtime.bundle import DEFAULT_MODEL, Bundle, digest, open_bundle
from pspm_runtime.engines.open_engine import open_engine
from pspm_runtime.errors import OutputError
from pspm_runtime.files.photo import Photo, open_photo
from pspm_runtime.files.sample import sample_photo
from pspm_runtime.model import Model
from pspm_runtime.stages import bokeh as lens
from pspm_runtime.stages import compose as background
from pspm_runtime.stages.box_filter import box_mean
from pspm_runtime.stages.foreground import estimate_foreground
from pspm_runtime.stages.network_view import InputSize
from pspm_runtime.stages.refine import refine, settle
from pspm_runtime.stages.temporal_smoothing import smooth

INDEX = "vectors.json"
SIDE = 192
PORTRAIT = 288, 384
SQUARES = 256, 512
STRENGTHS = 0.02, 0.25, 0.6, 1.0
COLOUR = 32, 160, 255


class Case(NamedTuple):
    """One call of a stage: arrays in, arrays out, and the numbers that go with them."""

    stage: str
    name: str
    parameters: dict[str, Any]
    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]


def add_vectors(subcommands: Any) -> None:
    """Add `pspm vectors`: inputs and results of every stage, for apps to be tested against."""
    parser = subcommands.add_parser("vectors", help="write test vectors of every stage, for apps in other languages")
    parser.add_argument("--model", default=DEFAULT_MODEL, help=f"a shipped network (default {DEFAULT_MODEL})")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder; older vectors in it are replaced")
    parser.set_defaults(run=_vectors)


def _vectors(args: argparse.Namespace) -> int:
    number = write_vectors(args.out, args.model)
    print(f"wrote {args.out / INDEX} with {number} cases")
    return 0


def write_vectors(folder: Path, name: str = DEFAULT_MODEL) -> int:
    """Write `folder`/vectors.json and a file of little-endian numbers for every array; return how many cases there are.

    vectors.json holds "model" (name and sha256 of the file that made the mattes) and "cases": each with stage, name,
    parameters, inputs and outputs, by name: file, dtype and shape (rows first). Raises OutputError for a folder that
    holds other things.
    """
    if folder.exists() and not (folder / INDEX).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder} holds something else; name a new folder for the test vectors")
    bundle = open_bundle(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".pspm-") as beside:
        new = Path(beside) / "new"
        new.mkdir()
        files: dict[bytes, str] = {}
        index = {
            "pspm": version("pspm"),
            "model": {"name": bundle.name, "sha256": bundle.sha256},
            "cases": [_written(case, new, files) for case in cases(bundle)],
        }
        (new / INDEX).write_text(json.dumps(index, indent=1) + "\n")
        if folder.exists():
            shutil.rmtree(folder)
        new.replace(folder)
    return len(index["cases"])


def cases(bundle: Bundle) -> Iterator[Case]:
    """The sample portrait's way through a model at a small size, and what is generated to be awkward."""
    small = Model(open_engine(replace(bundle, size=replace(bundle.size, side=SIDE)), threads=1))
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
    boxes = [background.cover_box((int(w), int(h)), PORTRAIT) for w, h in frames]
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
    transparent = Photo(pictures["noise"], Image.fromarray(_codes(_disc(300, 200))))
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

    noise, disc = _noise(300, 200), _disc(96, 64)
    flat = np.full((64, 96), 0.6, np.float32)
    hard = (disc > 0.5).astype(np.float32)
    for name, picture, seen, matte in (
        ("portrait", portrait.image, view, alpha),
        ("disc", noise, _resized(noise, (96, 64)), disc),
        ("hard", noise, _resized(noise, (96, 64)), hard),
        ("flat", noise, _resized(noise, (96, 64)), flat),
        ("smaller", _noise(60, 40), _resized(_noise(60, 40), (96, 64)), disc),
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
    noise, disc = _noise(700, 90), Image.fromarray(_codes(_disc(700, 90)))
    of_disc = estimate_foreground(noise, disc)
    yield Case("foreground", "disc", {}, {"image": _a(noise), "matte": _a(disc)}, {"foreground": _a(of_disc)})

    pictures = {
        "colour": Image.new("RGB", (1, 1), COLOUR),
        "picture": _noise(320, 200, seed=5),
        "tall-picture": _gradient(50, 300),
    }
    for name, picture in pictures.items():
        laid = foreground.copy()
        background.lay_over(laid, matte, picture)
        inputs = {"foreground": _a(foreground), "matte": _a(matte), "picture": _a(picture)}
        yield Case("composite", name, {}, inputs, {"image": _a(laid)})
        whole = background.replace_background(portrait, matte, picture)
        yield Case("replace", name, {}, {**person, "picture": _a(picture)}, {"image": _a(whole)})
    yield Case("cut-out", "portrait", {}, person, {"image": _a(background.cut_out(portrait, matte))})

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
        blurred = lens.disc_blur(light * counted, counted, radius)
        yield Case("disc-blur", name, {"radius": radius}, inputs, {"light": blurred})
    half_certain, flat = _half_certain(portrait.image), Image.new("L", PORTRAIT, 150)
    for name, seen, strengths in (
        ("strength", matte, STRENGTHS),
        ("half-certain", half_certain, STRENGTHS[1:]),
        ("flat", flat, STRENGTHS[-1:]),
    ):
        inputs = {"image": _a(portrait.image), "matte": _a(seen)}
        for strength in strengths:
            shot = lens.blur_background(portrait, seen, strength)
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
    """The sha256 of a folder; the inputs are its files, by their paths."""
    rng = np.random.default_rng(6)
    files = {name: rng.integers(0, 256, n, np.uint8) for name, n in _FILES.items()}
    with TemporaryDirectory() as scratch:
        for name, content in files.items():
            path = Path(scratch) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.tobytes())
        found = digest(Path(scratch))
    return Case("digest", "folder", {}, files, {"sha256": np.frombuffer(bytes.fromhex(found), np.uint8)})


# Names whose order differs between bytes, folders and letters.
_FILES = {
    "Manifest.json": 700,
    "Data/weights/weight.bin": 5000,
    "Data/model.mlmodel": 55,
    "Data-2": 0,
    "a": 64,
    "Z": 119,
}


def _written(case: Case, folder: Path, files: dict[bytes, str]) -> dict[str, Any]:
    """The entry of a case in the index, its arrays written; files: names by content, since many cases share inputs."""

    def tensor(role: str, name: str, array: np.ndarray) -> dict[str, Any]:
        kept = array.astype(np.int32) if array.dtype.kind == "i" else array
        content = np.ascontiguousarray(kept, kept.dtype.newbyteorder("<")).tobytes()
        file = files.setdefault(content, f"{case.stage}.{case.name}.{role}.{name.replace('/', '-')}.bin")
        (folder / file).write_bytes(content)
        return {"file": file, "dtype": kept.dtype.name, "shape": list(kept.shape)}

    return {
        "stage": case.stage,
        "name": case.name,
        "parameters": case.parameters,
        "inputs": {name: tensor("in", name, array) for name, array in case.inputs.items()},
        "outputs": {name: tensor("out", name, array) for name, array in case.outputs.items()},
    }


def _portrait(size: tuple[int, int]) -> Image.Image:
    """The sample portrait, centre-cropped to a (width, height)."""
    with Image.open(sample_photo()) as sample:
        box = background.cover_box(sample.size, size)
        return sample.convert("RGB").resize(size, Image.Resampling.BILINEAR, box=box)


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def _noise(width: int, height: int, seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


def _gradient(width: int, height: int) -> Image.Image:
    """Different along both axes and in every channel, so that no flip, turn or swap goes unnoticed."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    return Image.fromarray((np.stack([x, y, (x + 2 * y) / 3], -1) * 200 + 20).astype(np.uint8))


def _disc(width: int, height: int) -> np.ndarray:
    """A soft ellipse in the middle, float32 in [0, 1]."""
    x, y = np.meshgrid((np.arange(width) + 0.5) / width * 2 - 1, (np.arange(height) + 0.5) / height * 2 - 1)
    return np.clip((1 - np.hypot(x, y) / 0.6) / 0.2 + 0.5, 0, 1).astype(np.float32)


def _half_certain(picture: Image.Image) -> Image.Image:
    """A matte that is unsure of the whole picture, but for a strip at the left without the person."""
    unsure = picture.convert("L").point([round(64 + code / 2) for code in range(256)])
    unsure.paste(0, (0, 0, picture.width // 5, picture.height))
    return unsure


def _codes(alpha: np.ndarray) -> np.ndarray:
    return (alpha * 255 + 0.5).astype(np.uint8)


def _a(image: Image.Image) -> np.ndarray:
    return np.asarray(image)
