"""Tasks, recipes, operators and starting weights by the names that a user gives."""

import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from pspm_runtime.errors import ModelError
from torch import Tensor

from pspm.operators import OPERATORS
from pspm.tasks.encoders.imagenet import read_for
from pspm.tasks.recipe import Recipe
from pspm.tasks.task import NONE, Made, Task


def task_named(name: str) -> Task:
    """A task. Imports only what it needs."""
    match name:
        case "denoise":
            from pspm.tasks.denoising.task import Denoise

            return Denoise()
        case "segment":
            from pspm.tasks.segmentation.task import Segment

            return Segment()
        case "depth":
            from pspm.tasks.depth.task import Depth

            return Depth()
        case "detect":
            from pspm.tasks.detection.task import Detect

            return Detect()
    raise ValueError(f"there is no task named {name!r}; the tasks are denoise, segment, depth and detect")


def recipe_named(task: Task, name: str) -> Recipe:
    """A recipe of a task. Raises ValueError for another name."""
    if name not in task.recipes:
        raise ValueError(f"{task.name} has no recipe named {name!r}; its recipes are {', '.join(task.recipes)}")
    return task.recipes[name]


def placed(task: Task, network: str, names: Sequence[str] | None, classes: int, width: int | None) -> list[str]:
    """The operators to compare in a network, each built once on no device to see that it has a place there.

    names: None for those of the task's tables; those without a place are then left out, with a line on stderr.
    Raises ValueError for a network of another task, an unknown operator, or one without a place.
    """
    if network not in task.networks:
        raise ValueError(f"{network!r} is not a network to {task.name}; choose one of {', '.join(task.networks)}")
    for name in names or ():
        if name not in OPERATORS and name != NONE:
            raise ValueError(f"there is no operator named {name!r}; the operators are {', '.join(OPERATORS)}")
    chosen = []
    for name in dict.fromkeys(names or task.operators):
        try:
            with torch.device("meta"):
                task.build(Made(network, name, classes, width))
        except (ModelError, ValueError) as error:
            if names:
                raise ValueError(str(error)) from None
            print(f"left out: {error}", file=sys.stderr)
        else:
            chosen.append(name)
    if not chosen and names is None:
        # A network without upsampling.
        task.build(Made(network, NONE, classes, width))
        chosen = [NONE]
    return chosen


def encoder_weights(task: Task, made: Made, path: Path | None) -> dict[str, Tensor] | None:
    """ImageNet weights of a network's encoder, by their names in the network; None without a file.

    Raises FileNotFoundError or ValueError for a file that does not fit it.
    """
    if path is None:
        return None
    with torch.device("meta"):
        network = task.build(made)
    return read_for(path, made.network, network)
