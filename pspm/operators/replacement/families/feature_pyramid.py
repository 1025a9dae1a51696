"""The feature pyramid of torchvision's detectors: Faster, Mask and Keypoint R-CNN, RetinaNet, FCOS."""

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn
from torchvision.ops.feature_pyramid_network import FeaturePyramidNetwork

from pspm.operators.replacement.placing import Placing
from pspm.operators.replacement.stage import Stage


class OperatedFeaturePyramid(FeaturePyramidNetwork):
    """The pyramid with operators: a level's lateral feature guides the upsampling of the next coarser level."""

    upsampling: Sequence[Stage]

    def forward(self, x: dict[str, Tensor]) -> dict[str, Tensor]:
        """x: features by name, finest first."""
        names = list(x)
        features = list(x.values())
        inner = self.inner_blocks[-1](features[-1])
        levels = [self.layer_blocks[-1](inner)]
        for level in range(len(features) - 2, -1, -1):
            lateral = self.inner_blocks[level](features[level])
            inner = lateral + self.upsampling[level](inner, lateral)
            levels.insert(0, self.layer_blocks[level](inner))
        if self.extra_blocks is not None:
            levels, names = self.extra_blocks(levels, features, names)
        return OrderedDict(zip(names, levels, strict=True))


def place(placing: Placing, path: str, pyramid: FeaturePyramidNetwork) -> None:
    """One stage for each level but the coarsest, of as many channels as the lateral features have."""
    channels = pyramid.inner_blocks[0][0].out_channels
    stages = [
        placing.stage(
            f"{path}.upsampling.{level}".lstrip("."),
            channels,
            guide=f"{path}.inner_blocks.{level}".lstrip("."),
            guide_channels=channels,
            instead_of="nearest",
        )
        for level in range(len(pyramid.inner_blocks) - 1)
    ]
    placing.change(pyramid, OperatedFeaturePyramid, upsampling=nn.ModuleList(stages))
