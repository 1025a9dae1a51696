"""Draw what the operators of an experiment or of a checkpoint do to the sample portrait's feature of most pixels."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from pspm_runtime.files.sample import sample_photo
from torch import Tensor, nn

from pspm.data.folders.pairs import read_rgb
from pspm.operators import Operator
from pspm.reconstruction.sheet import CHANNELS, as_png, labelled, liveliest
from pspm.tasks.checkpoint import read_trained
from pspm.tasks.runs.experiment import Result
from pspm.tasks.table import gain, group
from pspm.tasks.task import NONE, Task

# Of the portrait that networks see, a multiple of every network's own; and of a drawn channel, in pixels.
SIDE, SHOWN = 128, 128


def feature_sheet(task: Task, results: Sequence[Result], weights: Callable[[Result], Path]) -> bytes:
    """Draw a PNG with a row for the portrait, and one for each operator: the channels with the largest variance.

    results: of an experiment; of each operator but "none", the run of the last seed is drawn. weights: the checkpoint
    of a run.
    Below an operator's name are the parameters and the first metric that it adds to the first operator's.
    Raises ValueError for a checkpoint that cannot be read.
    """
    photo, rows = sample()
    by_operator = group(results)
    first = next(iter(by_operator.values()))
    for operator, runs in by_operator.items():
        if operator == NONE:
            continue
        path = weights(runs[-1])
        network = read_trained(path).network(task, path)
        _, feature = last_upsampling(network, lambda: task.show(network, photo))  # noqa: B023 - called before the next turn
        more = (runs[0]["parameters"] - first[0]["parameters"]) / 1e6
        metric = task.metrics[0]
        lines = f"{operator}\n{more:+.2f} M\n{gain(task, runs, first)} {metric.unit} {metric.name}"
        rows.append(labelled(lines, [liveliest(feature.numpy())], SHOWN))
    return as_png(rows)


def checkpoint_sheet(task: Task, network: nn.Module, operator: str) -> bytes:
    """Draw a PNG with a row for the portrait, and one each before and after the network's last upsampling.

    The channels are those with the largest variance after it. operator: the network's, for the label.
    """
    photo, rows = sample()
    before, after = (feature.numpy() for feature in last_upsampling(network, lambda: task.show(network, photo)))
    rows.append(labelled("before upsampling", [liveliest(before, after)], SHOWN))
    rows.append(labelled(f"after\n{operator}", [liveliest(after)], SHOWN))
    return as_png(rows)


def sample() -> tuple[np.ndarray, list[np.ndarray]]:
    """The sample portrait, (SIDE, SIDE, 3) uint8, and the first row of a picture, which shows it."""
    photo = cv2.resize(read_rgb(sample_photo()), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY) / 255.0
    return photo, [labelled("the sample portrait", [[grey] * CHANNELS], SHOWN)]


@torch.no_grad()
def last_upsampling(network: nn.Module, run: Callable[[], object]) -> tuple[Tensor, Tensor]:
    """What the operator at the highest resolution got and gave in one run of the network, (C, H, W) each."""
    found: list[tuple[Tensor, Tensor]] = []
    operators: list[Any] = [module for module in network.modules() if isinstance(module, Operator)]
    for operator in operators:
        operator.upsample = recorded(operator.upsample, found)
    try:
        run()
    finally:
        for operator in operators:
            del operator.upsample
    before, after = max(found, key=lambda features: features[1].shape[2])
    return before[0], after[0]


def recorded(
    upsample: Callable[[Tensor, Any], Tensor], found: list[tuple[Tensor, Tensor]]
) -> Callable[[Tensor, Any], Tensor]:
    """An operator's upsampling that also keeps what it gets and gives."""

    def upsample_and_keep(x: Tensor, guidance: Any) -> Tensor:
        found.append((x, upsample(x, guidance)))
        return found[-1][1]

    return upsample_and_keep
