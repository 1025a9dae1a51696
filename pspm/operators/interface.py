"""What every learned (or fixed) pair of pooling and upsampling has in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from torch import Tensor, nn


class Pooled(NamedTuple):
    """What one level of an encoder hands on.

    x: the feature at half the resolution, (N, C, H/2, W/2), for the next stage.
    skip: the feature at full resolution, (N, C, H, W), for a decoder that concatenates.
    guidance: whatever the same operator's `upsample` needs; opaque to everyone else.
    """

    x: Tensor
    skip: Tensor
    guidance: Any


class Operator(nn.Module, ABC):
    """One level's pair: `pool` in the encoder and `upsample` in the decoder.

    A network owns one operator per level, the encoder calls `pool`, the decoder hands the guidance back to
    `upsample`, and neither knows which operator it holds. Exporters swap operators by type.
    """

    @abstractmethod
    def pool(self, x: Tensor) -> Pooled:
        """Halve the resolution of x, (N, C, H, W) with even H and W."""

    @abstractmethod
    def upsample(self, x: Tensor, guidance: Any) -> Tensor:
        """Double the resolution of x, (N, C, H/2, W/2), steered by the guidance of the level's `pool`."""

    def guide(self, x: Tensor) -> Any:
        """The guidance alone, for a network that halves x, (N, C, H, W), in a way of its own."""
        return self.pool(x).guidance


# Makes the operator of a level from its number of channels. One maker serves one network: its levels may share parts.
Maker: TypeAlias = "Callable[[int], Operator]"
