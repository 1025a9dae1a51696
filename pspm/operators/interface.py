"""The interface of an operator: a learned or fixed pair of pooling and upsampling."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from torch import Tensor, nn


class Pooled(NamedTuple):
    """The outputs of an operator's pooling.

    x: the feature at half the resolution, (N, C, H/2, W/2), for the next stage.
    skip: the feature at full resolution, (N, C, H, W), for a decoder that concatenates.
    guidance: input of the same operator's `upsample`; only the operator knows its form.
    """

    x: Tensor
    skip: Tensor
    guidance: Any


class Operator(nn.Module, ABC):
    """The operator of one level: `pool` in the encoder and `upsample` in the decoder.

    A network has one operator per level. The encoder calls `pool`, the decoder passes the guidance to `upsample`, and
    neither depends on the type of operator. The exporters replace operators by type.
    """

    @abstractmethod
    def pool(self, x: Tensor) -> Pooled:
        """Halve the resolution of x, (N, C, H, W) with even H and W."""

    @abstractmethod
    def upsample(self, x: Tensor, guidance: Any) -> Tensor:
        """Double the resolution of x, (N, C, H/2, W/2), with the guidance of the same level's `pool`."""

    def guide(self, x: Tensor) -> Any:
        """Only the guidance for x, (N, C, H, W), for a network that halves the resolution without this operator."""
        return self.pool(x).guidance


# Makes the operator of a level from its number of channels. Use one maker per network: its levels may share modules.
Maker: TypeAlias = "Callable[[int], Operator]"
