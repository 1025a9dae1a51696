"""The base class of every network: its input (size, trimap) and its output, a `Matte`."""

from abc import ABC, abstractmethod

import torch
from pspm_runtime.stages.network_view import InputSize
from torch import Tensor, nn

from pspm.networks.matte import Matte
from pspm.networks.trimap import append_trimap

# Largest side of a view in pixels.
LONGEST_SIDE = 1024


class MattingNetwork(nn.Module, ABC):
    """Predicts a matte from an image, and from a trimap if `takes_trimap`. Call it as `network(network.given(...))`.

    MULTIPLE: both sides of the input must be multiples of it.
    VIEW_SIDE: the view of a photo, which is the network's input, has an area of VIEW_SIDE^2 pixels.
    takes_trimap: whether the input has the trimap as a fourth channel.
    takes_previous: whether the input has the previous frame's matte as a fourth channel.
    moves_previous: whether that matte has been moved to where the person is in the frame.
    OVERLAP: of tiles with sides of VIEW_SIDE, if the network looks at a photo at its own size; 0 for one view.
    ENLARGE_TO: photos of a smaller area than ENLARGE_TO^2 are enlarged before the tiles (`InputSize`); 0 for never.
    """

    MULTIPLE: int
    VIEW_SIDE: int = 512
    takes_trimap: bool = False
    takes_previous: bool = False
    moves_previous: bool = False
    OVERLAP: int = 0
    ENLARGE_TO: int = 0

    @property
    def view_size(self) -> InputSize:
        """The size rule of the view of a photo."""
        return InputSize(self.VIEW_SIDE, self.MULTIPLE, LONGEST_SIDE, overlap=self.OVERLAP, enlarge_to=self.ENLARGE_TO)

    def given(self, image: Tensor, trimap: Tensor | None = None, previous: Tensor | None = None) -> Tensor:
        """Make the network's input: the image, with the fourth channel that the network takes, if any.

        image: (N, 3, H, W) in [-1, 1].
        trimap: (N, 1, H, W), -1 background, 0 unknown, 1 foreground; None means unknown everywhere. Networks that take
        no trimap ignore it.
        previous: the matte of the frame before, (N, 1, H, W) in [0, 1]; None means that there is none. Networks for
        photos ignore it.
        """
        if self.takes_previous:
            return torch.cat([image, torch.zeros_like(image[:, :1]) if previous is None else previous], 1)
        return append_trimap(image, trimap) if self.takes_trimap else image

    @abstractmethod
    def forward(self, x: Tensor) -> Matte:
        """Predict the matte of an input made by `given`."""
