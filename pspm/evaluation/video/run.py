"""Evaluate models on clips: frame by frame, and with the filters of `pspm_runtime.video`."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pspm_runtime.files.photo import Photo
from pspm_runtime.model import Model
from pspm_runtime.tables import aligned_table
from pspm_runtime.video.matting import Shot, array_photos, shots
from pspm_runtime.video.people.follow import followed_shots
from pspm_runtime.video.steady.between import spaced_shots
from pspm_runtime.video.steady.temporal_filter import steadied, steadied_live

from pspm.data.folders.pairs import Pair, read_rgb
from pspm.evaluation.video.clips import ClipFrame, clip
from pspm.evaluation.video.errors import clip_errors
from pspm.evaluation.video.kinds import KINDS
from pspm.evaluation.video.previous_matte import begin_clip
from pspm.scenes.cast import Cast

Photos = Iterator[tuple[None, Photo]]
FILTERS: dict[str, Callable[[Model, Photos], Iterable[Shot[Any]]]] = {
    "none": shots,
    "file": lambda model, photos: steadied(spaced_shots(model, photos)),
    "live": lambda model, photos: steadied_live(followed_shots(model, photos)),
}
# Of one clip kind and filter: each error's mean over the clips.
Errors = dict[str, float]


def evaluate_clips(
    model: Model,
    people: Sequence[Pair],
    backgrounds: Sequence[Path],
    clips: int,
    frames: int,
    seed: int = 0,
    kinds: Sequence[str] = KINDS,
) -> dict[str, dict[str, Errors]]:
    """Mean errors by kind of clip and by filter, see `clip_errors`, and the CPU milliseconds of a frame.

    The same seed gives the same clips. Raises ValueError if a cut-out cannot be read.
    """
    cast = Cast.of(people, backgrounds, seed)
    return {kind: _mean_errors(model, cast, kind, clips, frames) for kind in kinds}


def _mean_errors(model: Model, cast: Cast, kind: str, clips: int, frames: int) -> dict[str, Errors]:
    found: dict[str, list[Errors]] = {name: [] for name in FILTERS}
    for index in range(clips):
        (person,) = cast.of_scene(index, 1)
        made: list[ClipFrame] = list(clip(kind, person, read_rgb(cast.background(index)), frames, index))
        for name, steady in FILTERS.items():
            photos = array_photos(frame.image for frame in made)
            begin_clip(model)
            begin = time.process_time()
            mattes = [np.asarray(shot.matte) for shot in steady(model, photos)]
            cpu = time.process_time() - begin
            alphas = [matte.astype(np.float32) / 255 for matte in mattes]
            errors = clip_errors(alphas, [frame.alpha for frame in made])
            found[name].append(errors | {"CPU ms": 1000 * cpu / len(made)})
    return {name: {key: float(np.mean([e[key] for e in each])) for key in each[0]} for name, each in found.items()}


def as_table(results: dict[str, dict[str, dict[str, Errors]]]) -> str:
    """The results of models by their names: a row for each kind of clip, model and filter."""
    rows: list[list[str]] = []
    for name, kinds in results.items():
        for kind, filters in kinds.items():
            for which, errors in filters.items():
                rows = rows or [["clips", "model", "filter", *errors]]
                rows.append([kind, name, which, *(f"{value:.2f}" for value in errors.values())])
    return aligned_table(rows)
