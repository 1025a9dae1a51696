"""The cases of camera frames, on generated mattes, and of what the apps measure and check."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from pspm_runtime.benchmark.statistics import summary
from pspm_runtime.bundle import digest
from pspm_runtime.files.photo import Photo
from pspm_runtime.spec.case import Case
from pspm_runtime.spec.pictures import disc, noise, portrait
from pspm_runtime.stages.bokeh import blur_background
from pspm_runtime.stages.compose import replace_background
from pspm_runtime.stages.network_view import resize_to_view
from pspm_runtime.stages.refine import refine
from pspm_runtime.stages.temporal_smoothing import smooth

FRAME = 360, 480
VIEW = 192, 256
STRENGTH = 0.5
COLOUR = 32, 160, 255


def live_cases() -> Iterator[Case]:
    """Yield the cases."""
    rng = np.random.default_rng(4)
    still = disc(64, 48, 0.2)
    moving = np.stack([np.roll(still, step * step, axis=1) for step in range(6)])
    flickering = np.clip(np.stack([still] * 6) + rng.normal(0, 0.03, (6, 48, 64)), 0, 1).astype(np.float32)
    for name, frames in (("moving", moving), ("flickering", flickering)):
        shown: list[np.ndarray] = []
        for frame in frames:
            shown.append(smooth(frame, shown[-1] if shown else None))
        yield Case("smooth", name, {}, {"frames": frames}, {"shown": np.stack(shown)})
    yield from frames_shown("disc", disc(*VIEW, 0.2))
    for n in (1, 2, 7, 250):
        samples = rng.gamma(4, 5, n)
        found = {name: np.array(value) for name, value in summary(samples.tolist()).items()}
        yield Case("statistics", f"of-{n}", {}, {"samples": samples}, found)
    yield _digest()


def frames_shown(name: str, alpha: np.ndarray) -> Iterator[Case]:
    """Cases of a frame and the network's alpha of its view, (h, w) float32 of the size `VIEW`."""
    frame = portrait(*FRAME)
    view = resize_to_view(frame, VIEW)
    matte = refine(alpha, view, frame)
    inputs = {"image": np.asarray(frame), "view": np.asarray(view), "alpha": alpha}
    for behind, picture in (
        ("colour", Image.new("RGB", (1, 1), COLOUR)),
        ("picture", Image.fromarray(noise(40, 30, seed=5)).resize((480, 360), Image.Resampling.BICUBIC)),
    ):
        shown = np.asarray(replace_background(Photo(frame), matte, Photo(picture)))
        yield Case("live-replace", f"{name}-{behind}", {}, {**inputs, "picture": np.asarray(picture)}, {"image": shown})
    shown = np.asarray(blur_background(Photo(frame), matte, STRENGTH))
    yield Case("live-blur", name, {"strength": STRENGTH}, inputs, {"image": shown})


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
