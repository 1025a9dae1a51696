"""The task `depth`: recipes and metrics of thesis sec. 3.6.4 and of SAPA table 4."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.tasks.depth.layouts import EXPECTED, find_nyuv2
from pspm.tasks.depth.losses import depth_loss
from pspm.tasks.depth.metrics import depth_errors
from pspm.tasks.depth.pictures import TEST, TrainingDepths, TrainingRooms, rooms
from pspm.tasks.networks.registry import TASK_NETWORKS, build
from pspm.tasks.pictures.augment import AtHeight, Labelled, normalised, padded
from pspm.tasks.recipe import Recipe
from pspm.tasks.task import First, Made, Metric, Options, Pictures, Task, device_of, other_layout

MULTIPLE = 32
# Depths that count in NYU Depth v2, in metres, and the part of 480 x 640 pictures that is measured (Eigen et al.).
NEAREST, FARTHEST = 1e-3, 10.0
EIGEN = slice(45, 471), slice(41, 601)

RECIPES = {
    # The last batch norm starts at 0 and has to reach metres, hence the high learning rate.
    "short": Recipe("ours", lr=3e-2, batch=4, crop=(64, 96), steps=200, falls=(0.75,), loss="l1", settled=256),
    # Ranges of scaling and rotation, and the height: FastDepth's.
    "fastdepth": Recipe(
        "sec. 3.6.4.1", lr=0.01, batch=16, height=250, crop=(224, 224), epochs=30, optimizer="sgd", weight_decay=1e-4,
        falls=tuple(i / 6 for i in range(1, 6)), scale=(1.0, 1.5), rotation=5, loss="l1",
    ),
    # SAPA sec. 5.1: as in BTS's paper. Of ResNet-50, its code fixes the first convolution and the batch norms.
    "bts": Recipe(
        "BTS's paper", lr=1e-4, batch=16, crop=(416, 544), epochs=50, optimizer="adamw", weight_decay=0.01,
        epsilon=1e-3, power=0.9, end=0.1, rotation=2.5, colours=True, loss="silog",
        frozen_norms="all", frozen=("conv1",),
    ),
    # Table 3.10: as in Hu et al.'s paper.
    "hu": Recipe(
        "Hu et al.'s paper", lr=1e-4, batch=8, height=240, crop=(224, 288), epochs=20, weight_decay=1e-4,
        falls=(0.25, 0.5, 0.75), rotation=5, colours=True, loss="hu",
    ),
}  # fmt: skip


class Batch(NamedTuple):
    """Pictures, (N, 3, H, W) in [-1, 1], and depths in metres, (N, 1, H, W), 0 where unknown."""

    image: Tensor
    depth: Tensor


class Depth(Task):
    """Estimate the depth of every pixel."""

    name = "depth"
    title = "Depth estimation, as in thesis tables 3.9 and 3.10 and SAPA table 4"
    metrics = (
        Metric("RMS", False, 3, "m"),
        Metric("rel", False, 3),
        Metric("log10", False, 3),
        Metric("delta1", True, 3),
        Metric("delta2", True, 3),
        Metric("delta3", True, 3),
        Metric("Sq Rel", False, 3),
        Metric("RMS log", False, 3),
    )
    recipes = RECIPES
    networks = tuple(name for name, network in TASK_NETWORKS.items() if network.task == "depth")
    operators = (
        "nearest",
        "bilinear",
        "carafe",
        "max-unpool",
        "indexnet-hin",
        "indexnet-shared",
        "a2u-dynamic-cs",
        "sapa-b",
    )

    def read(self, recipe: Recipe, options: Options) -> Pictures:
        """NYU Depth v2, or rendered rooms if no folder is given."""
        if options.data is None:
            shown = rooms(recipe.crop, min(options.limit or TEST, TEST))
            said = f"rendered rooms, {recipe.crop[0]} x {recipe.crop[1]}, {len(shown)} to test"
            return Pictures(TrainingRooms(recipe.crop), {"rooms": shown}, said)
        found = find_nyuv2(options.data) if options.data.is_dir() else None
        if found is None:
            raise other_layout(options.data, f"{EXPECTED}; without --data, rooms are rendered")
        test = AtHeight(First(found.test, options.limit), recipe.height)
        train = TrainingDepths(AtHeight(found.train, recipe.height), recipe) if len(found.train) else None
        return Pictures(train, {"NYUv2": test}, f"NYU Depth v2: {len(found.train)} to train, {len(test)} to test")

    def build(self, made: Made) -> nn.Module:
        """See `networks.registry.build`."""
        return build(made.network, made.operator, **made.own_options())

    def collate(self, samples: Sequence[Labelled]) -> Batch:
        """Stack pictures and depths."""
        images = torch.stack([normalised(image) for image, _ in samples])
        return Batch(images, torch.stack([torch.from_numpy(np.ascontiguousarray(depth))[None] for _, depth in samples]))

    def loss(self, network: nn.Module, batch: Batch, recipe: Recipe) -> Tensor:
        """See `depth_loss`."""
        return depth_loss(recipe.loss, resized(network(batch.image), batch.depth.shape[2:]), batch.depth)

    def show(self, network: nn.Module, photo: np.ndarray) -> None:
        """As it is."""
        network(normalised(photo)[None].to(device_of(network)))

    @torch.no_grad()
    def measure(self, network: nn.Module, test: Sequence[Labelled]) -> dict[str, float]:
        """Means over the pictures, of pixels with a true depth up to 10 m; of 480 x 640 pictures without the border."""
        all_errors = []
        for image, depth in test:
            found = network(padded(normalised(image)[None], MULTIPLE).to(device_of(network))).cpu()
            height, width = depth.shape
            found = resized(found, torch.Size([height + -height % MULTIPLE, width + -width % MULTIPLE]))
            found, truth = found[0, 0, :height, :width].clamp(NEAREST, FARTHEST), torch.from_numpy(depth)
            if depth.shape == (480, 640):
                found, truth = found[EIGEN], truth[EIGEN]
            known = (truth > NEAREST) & (truth < FARTHEST)
            all_errors.append(depth_errors(found[known], truth[known]))
        return {m.name: sum(errors[m.name] for errors in all_errors) / len(all_errors) for m in self.metrics}


def resized(depth: Tensor, size: torch.Size) -> Tensor:
    """Depths, (N, 1, h, w), at a (height, width): Hu et al.'s network gives half the resolution."""
    return depth if depth.shape[2:] == size else F.interpolate(depth, tuple(size), mode="bilinear")
