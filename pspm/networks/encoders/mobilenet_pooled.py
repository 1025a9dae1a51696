"""MobileNetV2 with pooling operators (thesis sec. 6.3.2): stride-1 convolutions, an operator after some stages."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from pspm.networks.encoders.mobilenet import STAGES, STEM_CHANNELS, InvertedResidual, Stage
from pspm.networks.encoders.modulation import FeatureModulation
from pspm.networks.layers.convolution import conv_bn
from pspm.operators import Operator, Pooled

POOLED_STAGES = (0, 2, 3, 4)


@dataclass(frozen=True)
class Features:
    """The encoder's outputs: `l[i]` is stage i before pooling, `pooled[i]` the output of the operator behind it."""

    l: tuple[Tensor, ...]  # noqa: E741 - the thesis's own symbol
    pooled: dict[int, Pooled]


class PooledMobileNetV2(nn.Module):
    """Stages l0..l7. With the default arguments it is the shared encoder of B3, B4 and B5, output stride 16.

    Takes RGB in [-1, 1], (N, channels, H, W) with H and W multiples of 16; its ImageNet weights expect this range.

    operators: one for each stage that pools: l0, and those of `stages` with `pools`.
    modulate: add feature modulation behind every stage, before its pooling (sec. 6.5.7).
    channels: 3, or more if the input has a trimap. stem: channels of l0.
    block: makes a residual block from its inputs, outputs, expansion and dilation.
    """

    def __init__(
        self,
        operators: Sequence[Operator],
        *,
        modulate: bool = False,
        channels: int = 3,
        stem: int = STEM_CHANNELS,
        stages: Sequence[Stage] = STAGES,
        block: Callable[[int, int, int, int], nn.Module] = InvertedResidual,
    ) -> None:
        super().__init__()
        self.pooled_stages = (0, *(i for i, stage in enumerate(stages, 1) if stage.pools))
        self.operators = nn.ModuleList(operators)
        self.stages = nn.ModuleList([conv_bn(channels, stem, 3)])
        inputs = stem
        for stage in stages:
            blocks = []
            for dilation in stage.dilations:
                blocks.append(block(inputs, stage.c, stage.t, dilation))
                inputs = stage.c
            self.stages.append(nn.Sequential(*blocks))
        self.modulations = nn.ModuleList(
            FeatureModulation(width) if modulate else nn.Identity() for width in (stem, *(stage.c for stage in stages))
        )

    def forward(self, image: Tensor) -> Features:
        x, features, pooled = image, [], {}
        for i, (stage, modulation) in enumerate(zip(self.stages, self.modulations, strict=True)):
            x = modulation(stage(x))
            features.append(x)
            if i in self.pooled_stages:
                pooled[i] = self.operator(i).pool(x)
                x = pooled[i].x
        return Features(tuple(features), pooled)

    def operator(self, stage: int) -> Operator:
        """The operator behind a stage that pools."""
        operator = self.operators[self.pooled_stages.index(stage)]
        assert isinstance(operator, Operator)
        return operator

    def conv_bn_pairs(self) -> Iterator[tuple[nn.Conv2d, nn.BatchNorm2d]]:
        """The convolutions of the stages, each with the batch norm behind it, in the order of the forward pass."""
        layers = [m for m in self.stages.modules() if isinstance(m, nn.Conv2d | nn.BatchNorm2d)]
        for conv, norm in zip(layers[::2], layers[1::2], strict=True):
            assert isinstance(conv, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            yield conv, norm
