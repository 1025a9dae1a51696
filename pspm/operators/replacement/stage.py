"""One doubling of a feature in another network."""

from typing import Any

from pspm_runtime.errors import ModelError
from torch import Tensor, nn

from pspm.operators.interface import Operator


class Stage(nn.Module):
    """Doubles a feature with an operator, guided by the feature that the result meets.

    path: where it is in the network, for its error. The exporters lower `operator` (pspm_export.lower).
    """

    def __init__(self, operator: Operator, path: str) -> None:
        super().__init__()
        self.operator, self.path = operator, path

    def forward(self, x: Tensor, guide: Tensor) -> Tensor:
        """x: (N, C, H/2, W/2), guide: (N, G, H, W); gives (N, C, H, W). Raises ModelError for other sizes."""
        return self.upsample(x, self.operator.guide(self.checked(x, guide)))

    def upsample(self, x: Tensor, guidance: Any) -> Tensor:
        """Double x with guidance that is already there."""
        return self.operator.upsample(x, guidance)

    def checked(self, x: Tensor, guide: Tensor) -> Tensor:
        """The guide, if it is twice as large as x. A blind operator has to meet its size too."""
        (h, w), (height, width) = x.shape[-2:], guide.shape[-2:]
        if (2 * h, 2 * w) != (height, width):
            raise ModelError(
                f"{self.path} doubles a feature of {h} x {w}, but meets one of {height} x {width}; "
                "pad the pictures to a multiple of the network's largest stride"
            )
        return guide
