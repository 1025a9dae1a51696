"""UNet of segmentation_models_pytorch, with any of its encoders."""

import torch
from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoderBlock
from segmentation_models_pytorch.decoders.unet.model import Unet
from torch import Tensor, nn

from pspm.operators.replacement.kept import Kept, OperatedUpsampling
from pspm.operators.replacement.placing import Placing
from pspm.operators.replacement.pooling import halves, pair
from pspm.operators.replacement.stage import Stage


class OperatedUnetBlock(UnetDecoderBlock):
    """A decoder's block with an operator, guided by the encoder's skip or by a pooling."""

    upsampling: nn.Module

    def forward(
        self, feature_map: Tensor, target_height: int, target_width: int, skip_connection: Tensor | None = None
    ) -> Tensor:
        """feature_map: (N, C, H/2, W/2), skip_connection: (N, S, H, W); the last block has none."""
        x = self.upsampling(feature_map, skip_connection)
        if skip_connection is not None:
            x = self.attention1(torch.cat([x, skip_connection], dim=1))
        return self.attention2(self.conv2(self.conv1(x)))


def place(placing: Placing, path: str, network: Unet) -> None:
    """One stage for each block. The last one stays where nothing guides it, unless the operator is blind."""
    poolings = _poolings(path, network)
    below, *skips = reversed(network.encoder.out_channels)
    blocks = network.decoder.blocks
    for level, block in enumerate(blocks):
        where = f"{path}.decoder.blocks.{level}".lstrip(".")
        pooling = poolings[-1 - level] if poolings else None
        # The finest feature of an encoder without poolings is the picture itself. Some have none at 1/2: 0 channels.
        skip = (skips[level] if pooling or level < len(blocks) - 1 else None) or None
        if skip is None and not placing.blind:
            placing.leave(where, "for no feature of the encoder has the size to guide it")
        else:
            _place_one(placing, block, f"{where}.upsampling", below, skip, pooling)
        below = block.conv2[0].out_channels


def _place_one(
    placing: Placing, block: UnetDecoderBlock, where: str, channels: int, skip: int | None, pooling: str | None
) -> None:
    operator = placing.operator(where, channels, skip, pooled=pooling is not None)
    placing.report(operator, where, channels, pooling or "skip of the encoder", skip, block.interpolation_mode)
    stage = Stage(operator, where)
    upsampling: nn.Module = stage
    if pooling or skip is None:
        kept: Kept | None = pair(placing, operator, pooling) if pooling else None
        upsampling = OperatedUpsampling([stage], [kept])
    placing.change(block, OperatedUnetBlock, upsampling=upsampling)


def _poolings(path: str, network: Unet) -> list[str]:
    """The 2x2 poolings of an encoder that halves by nothing else, finest first: VGG's."""
    found = [f"{path}.encoder.{name}".lstrip(".") for name, module in network.encoder.named_modules() if halves(module)]
    strided = any(isinstance(m, nn.Conv2d) and m.stride != (1, 1) for m in network.encoder.modules())
    return [] if strided else found[: len(network.decoder.blocks)]
