"""SegFormer's all-MLP decode head (transformers)."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from pspm_runtime.errors import ModelError
from torch import Tensor, nn
from transformers.models.segformer.modeling_segformer import SegformerDecodeHead

from pspm.operators.replacement.placing import Placing
from pspm.operators.replacement.stage import Stage


class OperatedDecodeHead(SegformerDecodeHead):
    """The head with operators: level n is doubled n times, and the projected levels that it passes guide it.

    3 + 2 + 1 = 6 stages for four levels (SAPA paper, appendix C). That the guides are the projections, not the features
    of the encoder, follows from the paper's counts: 2 C d parameters with C = 256 for each stage.
    """

    upsampling: Sequence[Sequence[Stage]]

    def forward(self, encoder_hidden_states: list[Tensor], **options: Any) -> Tensor:  # type: ignore[override]
        """encoder_hidden_states: finest first, (N, C_n, H_n, W_n), or flat if they are so in the original."""
        features = [
            self.projected(level, x) for level, x in zip(self.linear_projections, encoder_hidden_states, strict=True)
        ]
        full = []
        for level, x in enumerate(features):
            for stage, guide in zip(self.doublings(level), reversed(features[:level]), strict=True):
                x = stage(x, guide)
            full.append(x)
        x = self.activation(self.batch_norm(self.linear_fuse(torch.cat(full[::-1], dim=1))))
        return self.classifier(self.dropout(x))

    def projected(self, projection: nn.Module, x: Tensor) -> Tensor:
        """A level in the head's channels, (N, C, H, W)."""
        if self.config.reshape_last_stage is False and x.ndim == 3:
            side = math.isqrt(x.shape[-1])
            x = x.reshape(x.shape[0], side, side, -1).permute(0, 3, 1, 2).contiguous()
        n, _, h, w = x.shape
        return projection(x).transpose(1, 2).reshape(n, -1, h, w)

    def doublings(self, level: int) -> Sequence[Stage]:
        """The stages of a level, coarsest first."""
        return self.upsampling[level - 1] if level else []


def place(placing: Placing, path: str, head: SegformerDecodeHead) -> None:
    """Raises ModelError if the levels are not each half of the one before."""
    config = head.config
    if any(stride != 2 for stride in config.strides[1:]):
        raise ModelError(
            f"{path or 'SegFormer'} has levels of strides {config.strides}; all but the first must be 2, so that a "
            "level guides every doubling"
        )
    channels = config.decoder_hidden_size
    levels = []
    for level in range(1, config.num_encoder_blocks):
        stages = [
            placing.stage(
                f"{path}.upsampling.{level - 1}.{step}".lstrip("."),
                channels,
                guide=f"{path}.linear_projections.{level - 1 - step}".lstrip("."),
                guide_channels=channels,
                instead_of=f"bilinear x{2**level}" if level > 1 else "bilinear",
            )
            for step in range(level)
        ]
        levels.append(nn.ModuleList(stages))
    placing.change(head, OperatedDecodeHead, upsampling=nn.ModuleList(levels))
