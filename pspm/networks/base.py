"""What every matting network has in common."""

from abc import abstractmethod
from typing import ClassVar

import torch
from pspm_runtime.stages.network_view import InputSize
from torch import Tensor, nn

from pspm.networks.matte import Matte

LONGEST_SIDE = 1024


class MattingNetwork(nn.Module):
    """A network that predicts a matte from an image, and from a trimap if it takes one.

    MULTIPLE: both sides of the input are multiples of it.
    VIEW_SIDE: the view of a photo has an area of VIEW_SIDE^2 pixels.
    takes_trimap: whether the input has the trimap as a fourth channel.
    """

    MULTIPLE: ClassVar[int]
    VIEW_SIDE: ClassVar[int] = 512
    takes_trimap: ClassVar[bool] = False

    @property
    def input_channels(self) -> int:
        """3, or 4 with a trimap."""
        return 4 if self.takes_trimap else 3

    @property
    def view_size(self) -> InputSize:
        """The size rule of the network's view of a photo."""
        return InputSize(self.VIEW_SIDE, self.MULTIPLE, LONGEST_SIDE)

    def given(self, image: Tensor, trimap: Tensor | None = None) -> Tensor:
        """The network's input: the image, (N, 3, H, W) in [-1, 1], with the trimap behind it where it takes one.

        trimap: (N, 1, H, W), -1 background, 0 unknown, 1 foreground; None means that everything is unknown.
        This is the only place where a trimap joins the image.
        """
        if not self.takes_trimap:
            return image
        return torch.cat([image, torch.zeros_like(image[:, :1]) if trimap is None else trimap], 1)

    @abstractmethod
    def forward(self, x: Tensor) -> Matte:
        """Predict the matte of an input from `given`, (N, `input_channels`, H, W)."""
