"""What goes into and comes out of the networks of each task."""

from dataclasses import dataclass

from torch import Tensor

from pspm.networks.input_range import to_unit
from pspm.tasks.networks.registry import Task, TaskNetwork
from pspm_export.verification.sample_inputs import sample_image

IMAGE = "image"


@dataclass(frozen=True)
class Interface:
    """colours: "grey" or "RGB". range: of the input. output: its name. meaning: of the output, in words."""

    colours: str
    range: tuple[float, float]
    output: str
    meaning: str


INTERFACES: dict[Task, Interface] = {
    "denoising": Interface("grey", (0, 1), "picture", "the picture without noise, in the range of the input"),
    "segmentation": Interface("RGB", (-1, 1), "logits", "a logit for each class"),
    "depth": Interface("RGB", (-1, 1), "depth", "metres"),
}


def sample_input(entry: TaskNetwork, height: int, width: int) -> Tensor:
    """The sample portrait as the input of a network, (1, C, height, width)."""
    image = sample_image(height, width)
    return to_unit(image.mean(1, keepdim=True)) if INTERFACES[entry.task].colours == "grey" else image
