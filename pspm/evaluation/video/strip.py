"""A strip of pictures: neighbouring frames of a moving clip, with their mattes by each model and filter."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from pspm_runtime.model import Model
from pspm_runtime.video.matting import array_photos

from pspm.data.folders.pairs import Pair, read_rgb
from pspm.evaluation.video.clips import clip
from pspm.evaluation.video.previous_matte import begin_clip
from pspm.evaluation.video.run import FILTERS
from pspm.scenes.cast import Cast

# Neighbouring frames that are shown, of a clip of so many, from this one on.
SHOWN, FRAMES, FIRST = 4, 10, 3
SHOWN_FILTERS = ("none", "file")
LABEL = 14


def strip(models: dict[str, Model], people: Sequence[Pair], backgrounds: Sequence[Path], seed: int = 0) -> Image.Image:
    """Draw the first moving clip of `evaluate_clips`: RGB.

    A row of frames, then one for each model and filter, with the matte on the left of each frame and its change since
    the frame before, against that of the truth, on the right: grey where they agree, white where the matte has risen
    too much, black where it has fallen too much. Raises ValueError if a cut-out cannot be read.
    """
    cast = Cast.of(people, backgrounds, seed)
    (person,) = cast.of_scene(0, 1)
    made = list(clip("moving", person, read_rgb(cast.background(0)), FRAMES, 0))
    truths = [frame.alpha for frame in made]
    numbers = range(FIRST, FIRST + SHOWN)
    rows = {"frames and truth": [np.hstack([made[i].image, _grey(truths[i])]) for i in numbers]}
    for name, model in models.items():
        for which in SHOWN_FILTERS:
            photos = array_photos(frame.image for frame in made)
            begin_clip(model)
            alphas = [np.asarray(shot.matte, np.float32) / 255 for shot in FILTERS[which](model, photos)]
            errors = [alpha - truth for alpha, truth in zip(alphas, truths, strict=True)]
            rows[f"{name}, filter {which}"] = [
                np.hstack([_grey(alphas[i]), _grey(0.5 + errors[i] - errors[i - 1])]) for i in numbers
            ]
    return _drawn(rows)


def _grey(alpha: np.ndarray) -> np.ndarray:
    """RGB (H, W, 3) uint8 of values from 0 to 1."""
    levels = np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8)
    return np.repeat(levels[..., None], 3, -1)


def _drawn(rows: dict[str, list[np.ndarray]]) -> Image.Image:
    """The rows at half the size below one another, each under its name."""
    lines = []
    for name, pictures in rows.items():
        line = Image.fromarray(np.hstack(pictures)).reduce(2)
        label = Image.new("RGB", (line.width, LABEL))
        ImageDraw.Draw(label).text((4, 1), name, fill="white")
        lines += [np.asarray(label), np.asarray(line)]
    return Image.fromarray(np.vstack(lines))
