"""How a feature gets from the encoder to a named upsampling without a change of the network's forward."""

from collections.abc import Iterable
from typing import Any

from pspm_runtime.errors import ModelError
from torch import Tensor, nn

from pspm.operators.interface import Operator
from pspm.operators.replacement.stage import Stage


class Kept:
    """One value of the encoder, kept until the decoder takes it. Copying the network copies it along.

    path: of the module that it comes from. guidance: whether the value is an operator's guidance, or a feature.
    """

    def __init__(self, path: str, *, guidance: bool) -> None:
        self.path, self.guidance = path, guidance
        self.value: Any = None

    def take(self) -> Any:
        """The value, which is then gone. Raises ModelError if there is none."""
        if self.value is None:
            raise ModelError(f"{self.path} has to run before the upsampling that it guides, in every forward")
        value, self.value = self.value, None
        return value

    def keep_output(self, module: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> None:
        """A forward hook."""
        self.value = output

    def keep_input(self, module: nn.Module, inputs: tuple[Any, ...]) -> None:
        """A forward pre-hook."""
        self.value = inputs[0]


class OperatedPooling(nn.Module):
    """Pools with an operator, in the place of a 2x2 pooling, and keeps its guidance."""

    def __init__(self, operator: Operator, kept: Kept, *, indices: bool) -> None:
        super().__init__()
        self.operator, self.kept, self.indices = operator, kept, indices

    def forward(self, x: Tensor) -> Any:
        """x: (N, C, H, W). The guidance stands where the network expects indices."""
        pooled = self.operator.pool(x)
        self.kept.value = pooled.guidance
        return (pooled.x, pooled.guidance) if self.indices else pooled.x


class OperatedUpsampling(nn.Module):
    """Doubles a feature once for each stage, in the place of a module that upsampled."""

    def __init__(self, stages: list[Stage], kept: list[Kept | None]) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)
        self.kept = kept

    def forward(self, x: Tensor, *ignored: Any, **also_ignored: Any) -> Tensor:
        """(N, C, H, W) to (N, C, 2^n H, 2^n W). The indices and sizes that an unpooling gets are not used."""
        stages: Iterable[Any] = self.stages
        for stage, kept in zip(stages, self.kept, strict=True):
            if kept is None:
                x = stage.upsample(x, None)
            elif kept.guidance:
                x = stage.upsample(x, kept.take())
            else:
                x = stage(x, kept.take())
        return x
