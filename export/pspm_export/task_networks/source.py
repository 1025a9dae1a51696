"""The trained network of a checkpoint of `pspm task`."""

from pathlib import Path
from typing import NamedTuple

from pspm_runtime.errors import ModelError
from torch import nn

from pspm.tasks.by_name import task_named
from pspm.tasks.checkpoint import read_trained
from pspm.tasks.networks import TASK_NETWORKS
from pspm.tasks.networks.registry import TaskNetwork


class Source(NamedTuple):
    """network: in eval mode. name: of the network. operator: its name; None for a network without upsampling."""

    network: nn.Module
    name: str
    operator: str | None
    entry: TaskNetwork


def trained_for_task(checkpoint: Path) -> Source | None:
    """The network of a checkpoint of `pspm task`, or None for any other file.

    Raises ModelError for a network of another library, and for weights that do not fit.
    """
    try:
        trained = read_trained(checkpoint)
    except ValueError:
        return None
    name, operator = trained.made.network, trained.made.operator
    entry = TASK_NETWORKS.get(name)
    if entry is None:
        raise ModelError(
            f"{checkpoint} is a checkpoint of {name}, a network of another library; write it from Python with "
            "`save_onnx` of pspm_export.writers.onnx.any_network (docs/how-to/operators-in-your-network.md)"
        )
    try:
        network = trained.network(task_named(trained.task), checkpoint)
    except ValueError as error:
        raise ModelError(str(error)) from None
    return Source(network, name, operator if entry.operator else None, entry)
