"""ResNet-50 as an encoder of five features. torchvision has the network; the extra `operators` installs it."""

from typing import NamedTuple

import torch.nn.functional as F
from pspm_runtime.extras import needs_extra
from torch import Tensor, nn

# Of the features at 1/2, 1/4, 1/8, 1/16 and 1/32.
WIDTHS = (64, 256, 512, 1024, 2048)
DEPTHS = (3, 4, 6, 3)


class Features(NamedTuple):
    """The features with `WIDTHS` channels. half: behind the stem, the others behind a stage."""

    half: Tensor
    quarter: Tensor
    eighth: Tensor
    sixteenth: Tensor
    last: Tensor


class ResNet50(nn.Module):
    """RGB, (N, 3, H, W) with sides that are multiples of 32, to `Features`.

    depths: numbers of blocks in the stages. Keys of the state are torchvision's, so its ImageNet weights fit; they
    expect the mean and deviation of ImageNet's photos (`pspm.tasks.encoders`).
    """

    def __init__(self, depths: tuple[int, int, int, int] = DEPTHS) -> None:
        super().__init__()
        with needs_extra("operators"):
            from torchvision.models.resnet import Bottleneck, ResNet

        whole = ResNet(Bottleneck, list(depths))
        self.conv1, self.bn1 = whole.conv1, whole.bn1
        self.layer1, self.layer2, self.layer3, self.layer4 = whole.layer1, whole.layer2, whole.layer3, whole.layer4

    def forward(self, image: Tensor) -> Features:
        half = F.relu(self.bn1(self.conv1(image)))
        quarter = self.layer1(F.max_pool2d(half, 3, stride=2, padding=1))
        eighth = self.layer2(quarter)
        sixteenth = self.layer3(eighth)
        return Features(half, quarter, eighth, sixteenth, self.layer4(sixteenth))
