"""The task `segment`: recipes and metrics of thesis sec. 3.6.3 and of SAPA table 2."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from pspm.tasks.pictures.augment import Labelled, normalised, padded
from pspm.tasks.pictures.people import EXPECTED as SCENES
from pspm.tasks.pictures.people import is_data_folder, read_crowds
from pspm.tasks.recipe import Recipe
from pspm.tasks.segmentation.layouts import LabelledSet, find_ade20k, find_sun_rgbd
from pspm.tasks.segmentation.metrics import confusion, mean_iou, pixel_accuracy
from pspm.tasks.segmentation.networks import NETWORKS, build_segmenter
from pspm.tasks.segmentation.outputs import predict, segmentation_loss
from pspm.tasks.segmentation.pictures import TEST, TrainingCrops, TrainingScenes, scenes
from pspm.tasks.task import SEGNET_OPERATORS, First, Made, Metric, Options, Pictures, Task, device_of, other_layout

MULTIPLE = 32
EXPECTED = (
    "images/ and annotations/ of ADE20K's scene parsing benchmark, train37.txt and test37.txt of SUN RGB-D, its "
    f"SUNRGBD-*_images/ and sunrgbd_train_test_labels/, or {SCENES}"
)

RECIPES = {
    "short": Recipe("ours", lr=1e-3, batch=8, crop=(64, 64), steps=200, falls=(0.75,), settled=512),
    # The range of the random scaling is not printed.
    "segnet": Recipe(
        "sec. 3.6.3.1", lr=0.01, batch=16, crop=(320, 320), epochs=300, optimizer="sgd", weight_decay=1e-4,
        falls=(250 / 300, 280 / 300), frozen_norms="all", scale=(0.5, 2.0),
    ),
    # What sec. 3.6.3.1 refers to: the defaults of CSAILVision/semantic-segmentation-pytorch.
    "upernet": Recipe(
        "its official code", lr=0.02, batch=16, crop=(512, 512), steps=100_000, optimizer="sgd", weight_decay=1e-4,
        power=0.9, scale=(0.5, 1.5),
    ),
    # SAPA sec. 5.1: as in the original papers.
    "segformer": Recipe(
        "SegFormer's paper", lr=6e-4, encoder_lr=0.1, batch=16, crop=(512, 512), steps=160_000, optimizer="adamw",
        weight_decay=0.01, power=1.0, warmup=1500, scale=(0.5, 2.0),
    ),
    "maskformer": Recipe(
        "MaskFormer's paper", lr=6e-5, batch=16, crop=(640, 640), steps=160_000, optimizer="adamw",
        weight_decay=0.01, power=0.9, warmup=1500, scale=(0.5, 2.0), clip=0.01,
    ),
    "mask2former": Recipe(
        "Mask2Former's paper", lr=1e-4, encoder_lr=0.1, batch=16, crop=(640, 640), steps=160_000, optimizer="adamw",
        weight_decay=0.05, power=0.9, scale=(0.5, 2.0), clip=0.01,
    ),
}  # fmt: skip


class Batch(NamedTuple):
    """Pictures, (N, 3, H, W), in [-1, 1], and labels, (N, H, W) int64."""

    image: Tensor
    label: Tensor


class Segment(Task):
    """Label every pixel with a class."""

    name = "segment"
    title = "Semantic segmentation, as in thesis tables 3.7 and 3.8 and SAPA table 2"
    metrics = (Metric("mIoU", True, 2, "%"), Metric("pixel accuracy", True, 2, "%"))
    recipes = RECIPES
    networks = NETWORKS
    operators = SEGNET_OPERATORS

    def read(self, recipe: Recipe, options: Options) -> Pictures:
        """A data set in a published layout, or scenes of people and background."""
        folder = options.data
        if folder is None or not folder.is_dir():
            raise other_layout(folder, EXPECTED)
        found: LabelledSet | None = find_ade20k(folder) or find_sun_rgbd(folder)
        if found and len(found.test):
            test = First(found.test, options.limit)
            crops = TrainingCrops(found.train, recipe) if len(found.train) else None
            said = f"{found.name}: {len(found.train)} pictures to train, {len(test)} to test"
            return Pictures(crops, {found.name: test}, said, found.test.classes)
        if not is_data_folder(folder):
            raise other_layout(folder, EXPECTED)
        train, held_out = read_crowds(folder)
        shown = scenes(held_out, recipe.crop, min(options.limit or TEST, TEST))
        said = f"generated scenes of people and background, {recipe.crop[0]} x {recipe.crop[1]}, {len(shown)} to test"
        return Pictures(TrainingScenes(train, recipe.crop), {"scenes": shown}, said, 2)

    def build(self, made: Made) -> nn.Module:
        """See `build_segmenter`."""
        return build_segmenter(made)

    def collate(self, samples: Sequence[Labelled]) -> Batch:
        """Stack pictures, and labels."""
        return Batch(
            torch.stack([normalised(image) for image, _ in samples]),
            torch.stack([torch.from_numpy(label.astype(np.int64)) for _, label in samples]),
        )

    def loss(self, network: nn.Module, batch: Batch, recipe: Recipe) -> Tensor:
        """See `segmentation_loss`."""
        return segmentation_loss(network, batch.image, batch.label)

    def show(self, network: nn.Module, photo: np.ndarray) -> None:
        """As it is."""
        network(normalised(photo)[None].to(device_of(network)))

    @torch.no_grad()
    def measure(self, network: nn.Module, test: Sequence[Labelled]) -> dict[str, float]:
        """Of all pixels together, each picture at its own size."""
        matrix = torch.zeros((), dtype=torch.int64)
        for image, label in test:
            found = predict(network, padded(normalised(image)[None], MULTIPLE).to(device_of(network)))
            within = found.labels[0, : label.shape[0], : label.shape[1]].cpu()
            matrix = matrix + confusion(within, torch.from_numpy(label.astype(np.int64)), found.classes)
        return {"mIoU": mean_iou(matrix), "pixel accuracy": pixel_accuracy(matrix)}
