"""The networks of the tasks by name."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from torch import nn

from pspm.operators import operators
from pspm.tasks.networks.bts import BTS
from pspm.tasks.networks.dncnn import DnCNN, DnCNNSegNet
from pspm.tasks.networks.fastdepth import PRUNED, FastDepth
from pspm.tasks.networks.hu import Hu
from pspm.tasks.networks.segnet import SegNet

Task = Literal["denoising", "segmentation", "depth"]


@dataclass(frozen=True)
class TaskNetwork:
    """A network that a name stands for.

    make: from a maker of operators and the network's options; without `operator`, from the options alone.
    channels: of the input. multiple: both sides of the input must be multiples of it.
    operator: the paper's own, one of `OPERATORS`; None for a network without upsampling.
    """

    task: Task
    make: Callable[..., nn.Module]
    channels: int
    multiple: int
    operator: str | None

    def check_size(self, height: int, width: int) -> None:
        """Raise ValueError, with the nearest that fits, for a side that is not a multiple of the network's."""
        for side in (height, width):
            if side < self.multiple or side % self.multiple:
                nearest = max(self.multiple, round(side / self.multiple) * self.multiple)
                raise ValueError(
                    f"a side of {side} is not a multiple of {self.multiple}, which the network needs; "
                    f"the nearest is {nearest}"
                )


TASK_NETWORKS: dict[str, TaskNetwork] = {
    # Table 3.6. "strides" is DnCNN-conv-carafe with carafe.
    "dncnn": TaskNetwork("denoising", DnCNN, 1, DnCNN.MULTIPLE, None),
    "dncnn-segnet": TaskNetwork("denoising", DnCNNSegNet, 1, DnCNNSegNet.MULTIPLE, "max-unpool"),
    "dncnn-segnet-strides": TaskNetwork(
        "denoising", partial(DnCNNSegNet, strides=True), 1, DnCNNSegNet.MULTIPLE, "carafe"
    ),
    # Table 3.7.
    "segnet": TaskNetwork("segmentation", SegNet, 3, SegNet.MULTIPLE, "max-unpool"),
    # Table 3.9: NNConv5, and P-NNConv5, which pools. The pruned network is not in the thesis.
    "fastdepth": TaskNetwork("depth", FastDepth, 3, FastDepth.MULTIPLE, "nearest"),
    "fastdepth-p": TaskNetwork("depth", partial(FastDepth, pools=True), 3, FastDepth.MULTIPLE, "nearest"),
    "fastdepth-pruned": TaskNetwork("depth", partial(FastDepth, widths=PRUNED), 3, FastDepth.MULTIPLE, "nearest"),
    # Table 4 of the SAPA paper, and Table 3.10. They need the extra "operators".
    "bts-r50": TaskNetwork("depth", BTS, 3, BTS.MULTIPLE, "nearest"),
    "hu-r50": TaskNetwork("depth", Hu, 3, Hu.MULTIPLE, "bilinear"),
}


def find(name: str) -> TaskNetwork:
    """The entry of a name. Raises ValueError for a name that is not in `TASK_NETWORKS`."""
    if name not in TASK_NETWORKS:
        raise ValueError(
            f"there is no network named {name!r}; the networks of the tasks are {', '.join(TASK_NETWORKS)}"
        )
    return TASK_NETWORKS[name]


def build(name: str, operator: str | None = None, **options: Any) -> nn.Module:
    """Make a network with random weights.

    name: one of `TASK_NETWORKS`, or with its operator, as in "segnet+sapa-b". operator: one of `OPERATORS`; None for
    the paper's own. options: of the network's constructor, as `classes`.
    Raises ValueError for an unknown name or operator, and for an operator that has no place in the network.
    """
    plain, plus, own = name.partition("+")
    entry = find(plain)
    if plus:
        operator = own
    if entry.operator is None:
        if operator:
            upsample = [other for other, each in TASK_NETWORKS.items() if each.operator]
            raise ValueError(
                f"{plain} has no upsampling, so it takes no operator; those that do are {', '.join(upsample)}"
            )
        return entry.make(**options)
    maker = operators(operator or entry.operator)
    try:
        return entry.make(maker, **options)
    except ValueError as error:
        raise ValueError(f"{plain} does not work with {operator or entry.operator}: {error}") from None
