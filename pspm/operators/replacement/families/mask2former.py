"""The finest level of Mask2Former's pixel decoder (transformers). Deformable attention does the coarser levels."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from transformers.models.mask2former.modeling_mask2former import Mask2FormerPixelDecoder

from pspm.operators.replacement.placing import Placing
from pspm.operators.replacement.stage import Stage


class OperatedPixelDecoder(Mask2FormerPixelDecoder):
    """The decoder with an operator: the lateral feature at stride 4 guides the upsampling of that at stride 8.

    The library's forward makes no level of its own, because `num_fpn_levels` is 0. They are made from its last level,
    just before the mask projection.
    """

    upsampling: Sequence[Stage]

    def forward(self, features: list[Tensor], *arguments: Any, **options: Any) -> Any:
        """features: of the backbone, finest first."""

        def finer_levels(projection: nn.Module, inputs: tuple[Tensor]) -> Tensor:
            return self.top_down(inputs[0], features)

        hook = self.mask_projection.register_forward_pre_hook(finer_levels)
        try:
            return super().forward(features, *arguments, **options)
        finally:
            hook.remove()

    def top_down(self, x: Tensor, features: list[Tensor]) -> Tensor:
        """x: the finest level of the attention, (N, C, H/8, W/8)."""
        finer = features[: len(self.upsampling)][::-1]
        levels = zip(finer, self.lateral_convolutions, self.output_convolutions, self.upsampling, strict=True)
        for feature, lateral_of, output_of, upsampling in levels:
            lateral = lateral_of(feature)
            x = output_of(lateral + upsampling(x, lateral))
        return x


def place(placing: Placing, path: str, decoder: Mask2FormerPixelDecoder) -> None:
    """One stage if the attention ends at stride 8 and masks are at stride 4, as published."""
    stages = []
    laterals: Sequence[Any] = decoder.lateral_convolutions
    for level, lateral in enumerate(laterals):
        channels = lateral[0].out_channels
        stages.append(
            placing.stage(
                f"{path}.upsampling.{level}".lstrip("."),
                channels,
                guide=f"{path}.adapter_{len(laterals) - level}".lstrip("."),
                guide_channels=channels,
                instead_of="bilinear",
            )
        )
    placing.change(decoder, OperatedPixelDecoder, upsampling=nn.ModuleList(stages), num_fpn_levels=0)
