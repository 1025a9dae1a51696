"""Save and read the trained weights of a task's network, as `pspm/checkpoint.py` reads those of matting networks."""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from pspm_runtime.files.atomic_write import atomic_write
from torch import Tensor, nn

from pspm.checkpoint import PREFIX, is_whole, load_safely
from pspm.tasks.task import Made, Task

WEIGHTS = "weights.ckpt"


class Trained(NamedTuple):
    """What a checkpoint holds: the name of the task, what its network is made of, and the weights.

    recipe: the name of the one it was trained by; None if it does not say.
    """

    task: str
    made: Made
    weights: dict[str, Tensor]
    recipe: str | None = None

    def network(self, task: Task, path: Path) -> nn.Module:
        """The network with these weights in eval mode. Raises ValueError if they are another network's."""
        network = task.build(self.made)
        load_weights(path, network)
        return network.eval()


def save_weights(path: Path, network: nn.Module, facts: dict[str, Any]) -> None:
    """Write a network's weights, with what `Run.facts` says of them, whole or not at all."""
    weights = {PREFIX + key: value for key, value in network.state_dict().items()}
    with atomic_write(path) as unfinished:
        torch.save({"hyper_parameters": facts, "state_dict": weights}, unfinished)


def read_trained(path: Path) -> Trained:
    """Read a checkpoint. Raises ValueError if the file is missing, damaged or not of `pspm task`."""
    if not path.is_file():
        raise ValueError(f"{path} does not exist; name the {WEIGHTS} of a `pspm task` run")
    try:
        state = load_safely(path)
    except ValueError as error:
        raise _not_of_a_task(path, str(error)) from None
    match state:
        case {
            "hyper_parameters": {
                "task": str(task),
                "network": str(network),
                "operator": str(operator),
                "classes": int(classes),
                "width": int() | None as width,
                **others,
            },
            "state_dict": dict(found),
        }:
            named = {key: w for key, w in found.items() if isinstance(key, str) and isinstance(w, Tensor)}
            if not all(map(is_whole, named.values())):
                raise _not_of_a_task(path, "its weights are not whole")
            weights = {key.removeprefix(PREFIX): w for key, w in named.items() if key.startswith(PREFIX)}
            recipe = others.get("recipe")
            return Trained(
                task, Made(network, operator, classes, width), weights, recipe if isinstance(recipe, str) else None
            )
    raise _not_of_a_task(path, "it names no task")


def load_weights(path: Path, network: nn.Module) -> None:
    """Load a checkpoint's weights into a network. Raises ValueError if they are another network's."""
    try:
        network.load_state_dict(read_trained(path).weights)
    except RuntimeError as error:
        raise _not_of_a_task(path, str(error).splitlines()[0]) from None


def _not_of_a_task(path: Path, reason: str) -> ValueError:
    return ValueError(f"{path} is not a checkpoint of `pspm task`: {reason}; choose another file")
