"""The base class of every network: its input (size, trimap) and its output, a `Matte`."""

from abc import ABC, abstractmethod

from pspm_runtime.stages.network_view import InputSize
from torch import Tensor, nn

from pspm.networks.matte import Matte
from pspm.networks.trimap import append_trimap

LONGEST_SIDE = 1024


class MattingNetwork(nn.Module, ABC):
    """Predicts a matte from an image, and from a trimap if `takes_trimap`. Call it as `network(network.given(...))`.

    MULTIPLE: both sides of the input must be multiples of it.
    VIEW_SIDE: the view of a photo, which is the network's input, has an area of VIEW_SIDE^2 pixels.
    takes_trimap: whether the input has the trimap as a fourth channel.
    """

    MULTIPLE: int
    VIEW_SIDE: int = 512
    takes_trimap: bool = False

    @property
    def input_channels(self) -> int:
        """3, or 4 with a trimap."""
        return 4 if self.takes_trimap else 3

    @property
    def view_size(self) -> InputSize:
        """The size rule of the view of a photo."""
        return InputSize(self.VIEW_SIDE, self.MULTIPLE, LONGEST_SIDE)

    def given(self, image: Tensor, trimap: Tensor | None = None) -> Tensor:
        """The network's input, (N, `input_channels`, H, W). A network that takes no trimap ignores it.

        image: (N, 3, H, W) in [-1, 1].
        trimap: (N, 1, H, W), -1 background, 0 unknown, 1 foreground; None means unknown everywhere.
        """
        return append_trimap(image, trimap) if self.takes_trimap else image

    @abstractmethod
    def forward(self, x: Tensor) -> Matte:
        """Predict the matte of an input made by `given`."""
