"""The feature pyramid of MaskFormer's pixel decoder (transformers)."""

from collections.abc import Iterable
from typing import Any

from torch import Tensor
from transformers.models.maskformer.modeling_maskformer import MaskFormerFPNLayer, MaskFormerFPNModel

from pspm.operators.replacement.placing import Placing
from pspm.operators.replacement.stage import Stage


class OperatedMaskFormerLayer(MaskFormerFPNLayer):
    """A level of the pyramid with an operator: its lateral feature guides the upsampling of the coarser level."""

    upsampling: Stage

    def forward(self, down: Tensor, left: Tensor) -> Tensor:
        """down: (N, C, H/2, W/2), left: the backbone's feature, (N, L, H, W)."""
        left = self.proj(left)
        return self.block(self.upsampling(down, left) + left)


def place(placing: Placing, path: str, pyramid: MaskFormerFPNModel) -> None:
    """Three stages for four features of the backbone (SAPA paper, appendix C)."""
    layers: Iterable[Any] = pyramid.layers
    for level, layer in enumerate(layers):
        where = f"{path}.layers.{level}".lstrip(".")
        channels = layer.proj[0].out_channels
        stage = placing.stage(
            f"{where}.upsampling",
            channels,
            guide=f"{where}.proj",
            guide_channels=channels,
            instead_of="nearest",
        )
        placing.change(layer, OperatedMaskFormerLayer, upsampling=stage)
