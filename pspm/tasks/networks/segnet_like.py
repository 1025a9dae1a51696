"""SegNet-like networks: VGG's stages, each with an operator's pooling behind it, and their mirror image."""

from collections.abc import Sequence

from torch import Tensor, nn

from pspm.operators import Operator


class SegNetLike(nn.Module):
    """(N, C, H, W) to (N, D, H, W): stages that pool, `middle` at the lowest resolution, stages that upsample.

    operators: one for each level, from 1/1 on. down: the encoder's stages, in front of each pooling.
    up: the decoder's stages, behind each upsampling, from 1/1 on.
    """

    def __init__(
        self,
        operators: Sequence[Operator],
        down: Sequence[nn.Module],
        up: Sequence[nn.Module],
        middle: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.operators = nn.ModuleList(operators)
        self.down, self.up = nn.ModuleList(down), nn.ModuleList(up)
        self.middle = middle or nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        guidance = []
        for level, encode in enumerate(self.down):
            pooled = self.operator(level).pool(encode(x))
            guidance.append(pooled.guidance)
            x = pooled.x
        x = self.middle(x)
        for level, decode in reversed(list(enumerate(self.up))):
            x = decode(self.operator(level).upsample(x, guidance[level]))
        return x

    def operator(self, level: int) -> Operator:
        """The operator between 1/2**level and half of it."""
        operator = self.operators[level]
        assert isinstance(operator, Operator)
        return operator
