"""UNet of segmentation_models_pytorch, with any of its encoders."""

import torch
from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoderBlock
from segmentation_models_pytorch.decoders.unet.model import Unet
from torch import Tensor

from pspm.operators.replacement.placing import Placing
from pspm.operators.replacement.stage import Stage


class OperatedUnetBlock(UnetDecoderBlock):
    """A decoder's block with an operator, guided by the encoder's skip. The last block has no skip, so no guide."""

    upsampling: Stage

    def forward(
        self, feature_map: Tensor, target_height: int, target_width: int, skip_connection: Tensor | None = None
    ) -> Tensor:
        """feature_map: (N, C, H/2, W/2), skip_connection: (N, S, H, W)."""
        if skip_connection is None:
            x = self.upsampling.upsample(feature_map, None)
        else:
            x = self.upsampling(feature_map, skip_connection)
            x = self.attention1(torch.cat([x, skip_connection], dim=1))
        return self.attention2(self.conv2(self.conv1(x)))


def place(placing: Placing, path: str, network: Unet) -> None:
    """One stage for each block. Without a guide the last one stays, unless the operator is blind."""
    below, *skips = reversed(network.encoder.out_channels)
    for level, block in enumerate(network.decoder.blocks):
        where = f"{path}.decoder.blocks.{level}".lstrip(".")
        # The coarsest entry of the encoder's channels is its output; the finest is the picture, no skip.
        skip = skips[level] if level < len(network.decoder.blocks) - 1 else None
        if skip is None and not placing.blind:
            placing.leave(where, "for no feature of the encoder has the picture's size to guide it")
            continue
        stage = placing.stage(
            f"{where}.upsampling",
            below,
            guide=f"skip {level}",
            guide_channels=skip,
            instead_of=block.interpolation_mode,
        )
        placing.change(block, OperatedUnetBlock, upsampling=stage)
        below = block.conv2[0].out_channels
