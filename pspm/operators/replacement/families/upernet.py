"""UperNet of segmentation_models_pytorch, with any of its encoders."""

from collections.abc import Sequence
from typing import Any

import torch
from segmentation_models_pytorch.decoders.upernet.decoder import UPerNetDecoder
from torch import Tensor, nn

from pspm.operators.replacement.placing import Placing
from pspm.operators.replacement.stage import Stage


class OperatedUPerNetDecoder(UPerNetDecoder):
    """The decoder with operators (thesis, Figure 3.10).

    A level's lateral feature guides the upsampling of the coarser level in the pyramid. The same operator and guidance
    double the levels one after another in the multi-level fusion, as in sec. 3.6.3.1. The pooling pyramid stays, as
    that section advises. The thesis predicts indices from the encoder's feature; ours come from its lateral projection,
    which has the decoder's channels, so that every operator fits.
    """

    upsampling: Sequence[Stage]

    def forward(self, features: list[Tensor]) -> Tensor:
        """features: of the encoder, finest first, from 1/1 on."""
        encoded = [norm(x) for norm, x in zip(self.feature_norms, features[2:], strict=True)]
        x = self.psp(encoded[-1])
        pyramid, guidance = [x], []
        for stage, block, feature in zip(self.upsampling, self.fpn_lateral_blocks, reversed(encoded[:-1]), strict=True):
            lateral = block.conv_norm_relu(feature)
            guidance.append(stage.operator.guide(stage.checked(x, lateral)))
            x = stage.upsample(x, guidance[-1]) + lateral
            pyramid.append(x)
        levels = [pyramid[0], *(conv(x) for conv, x in zip(self.fpn_conv_blocks, pyramid[1:], strict=True))]
        full = [self.doubled(x, level, guidance) for level, x in enumerate(levels)]
        return self.fusion_block(torch.cat(full[::-1], dim=1))

    def doubled(self, x: Tensor, level: int, guidance: list[Any]) -> Tensor:
        """A level of the pyramid at the size of its finest one. level: 0 is the coarsest."""
        for stage, given in zip(self.upsampling[level:], guidance[level:], strict=True):
            x = stage.upsample(x, given)
        return x


def place(placing: Placing, path: str, decoder: UPerNetDecoder) -> None:
    """Three stages for four levels, each used in the pyramid and in the fusion."""
    stages = []
    for level, block in enumerate(decoder.fpn_lateral_blocks):
        channels = block.conv_norm_relu[0].out_channels
        stages.append(
            placing.stage(
                f"{path}.upsampling.{level}".lstrip("."),
                channels,
                guide=f"{path}.fpn_lateral_blocks.{level}".lstrip("."),
                guide_channels=channels,
                instead_of="bilinear, fusion included",
            )
        )
    placing.change(decoder, OperatedUPerNetDecoder, upsampling=nn.ModuleList(stages))
    placing.leave(f"{path}.psp".lstrip("."), "because its rates are no powers of two (thesis, sec. 3.6.3.1)")
