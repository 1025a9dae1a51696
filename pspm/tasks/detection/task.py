"""The task `detect`: recipe and metrics of SAPA table 3."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from pspm.tasks.detection.layout import EXPECTED as COCO
from pspm.tasks.detection.layout import Annotated, find_coco
from pspm.tasks.detection.metrics import NAMES, Found, average_precisions, check_pycocotools
from pspm.tasks.detection.networks import NETWORKS, build_detector
from pspm.tasks.detection.pictures import TEST, TrainingAnnotated, TrainingScenes, scenes
from pspm.tasks.pictures.people import EXPECTED as SCENES
from pspm.tasks.pictures.people import is_data_folder, read_crowds
from pspm.tasks.recipe import Recipe
from pspm.tasks.task import First, Made, Metric, Options, Pictures, Task, device_of, other_layout

RECIPES = {
    "short": Recipe(
        "ours", lr=1e-3, batch=4, crop=(128, 128), steps=200, optimizer="adamw", weight_decay=1e-4, falls=(0.75,),
        clip=5, settled=128,
    ),
    # mmdetection's 1x schedule, SAPA sec. 5.1. It does not train the stem and the first stage.
    "faster-rcnn-1x": Recipe(
        "SAPA sec. 5.1", lr=0.02, batch=16, crop=(800, 1333), epochs=12, optimizer="sgd", weight_decay=1e-4,
        falls=(8 / 12, 11 / 12), warmup=500, frozen_norms="statistics", frozen=("conv1", "bn1", "layer1"),
    ),
}  # fmt: skip


class Batch(NamedTuple):
    """Pictures of any sizes, each (3, H, W) in [0, 1], and `boxes` and `labels` of each."""

    images: list[Tensor]
    targets: list[dict[str, Tensor]]


class Detect(Task):
    """Find objects and their boxes."""

    name = "detect"
    title = "Object detection, as in SAPA table 3"
    metrics = tuple(Metric(name, True, 2, "%") for name in NAMES)
    recipes = RECIPES
    networks = NETWORKS
    operators = ("nearest", "bilinear", "carafe", "indexnet-hin", "a2u-dynamic-cs", "sapa-i", "sapa-b", "sapa-g")

    def read(self, recipe: Recipe, options: Options) -> Pictures:
        """COCO, or scenes of people. Raises PspmError if pycocotools is missing."""
        # Not only after a training run that it could not measure.
        check_pycocotools()
        folder = options.data
        expected = f"{COCO}, or {SCENES}"
        if folder is None or not folder.is_dir():
            raise other_layout(folder, expected)
        if found := find_coco(folder):
            test = First(found.test, options.limit)
            train = TrainingAnnotated(found.train, recipe) if found.train else None
            said = f"COCO: {len(found.train or ())} pictures to train, {len(test)} to test"
            return Pictures(train, {"COCO": test}, said, 1 + len(found.test.categories))
        if not is_data_folder(folder):
            raise other_layout(folder, expected)
        crowd, held_out = read_crowds(folder)
        shown = scenes(held_out, recipe.crop, min(options.limit or TEST, TEST))
        said = f"generated scenes of people, {recipe.crop[0]} x {recipe.crop[1]}, {len(shown)} to test"
        return Pictures(TrainingScenes(crowd, recipe.crop), {"scenes": shown}, said, 2)

    def build(self, made: Made) -> nn.Module:
        """See `build_detector`."""
        return build_detector(made)

    def collate(self, samples: Sequence[Annotated]) -> Batch:
        """Make tensors of pictures and objects."""
        targets = [
            {"boxes": torch.from_numpy(objects.boxes), "labels": torch.from_numpy(objects.labels)}
            for _, objects in samples
        ]
        return Batch([as_tensor(image) for image, _ in samples], targets)

    def loss(self, network: nn.Module, batch: Batch, recipe: Recipe) -> Tensor:
        """The sum of the losses of Faster R-CNN."""
        losses: dict[str, Tensor] = network(batch.images, batch.targets)
        return torch.stack(list(losses.values())).sum()

    def show(self, network: nn.Module, photo: np.ndarray) -> None:
        """At the size that the network resizes it to."""
        network([as_tensor(photo).to(device_of(network))])

    @torch.no_grad()
    def measure(self, network: nn.Module, test: Sequence[Annotated]) -> dict[str, float]:
        """See `average_precisions`."""
        found, truth = [], []
        for image, objects in test:
            (output,) = network([as_tensor(image).to(device_of(network))])
            found.append(Found(*(output[key].cpu().numpy() for key in ("boxes", "labels", "scores"))))
            truth.append(objects)
        return average_precisions(found, truth)


def as_tensor(image: np.ndarray) -> Tensor:
    """A picture, RGB (H, W, 3) uint8, as torchvision's detectors take it, (3, H, W) in [0, 1]."""
    return torch.from_numpy(image.transpose(2, 0, 1) / np.float32(255))
