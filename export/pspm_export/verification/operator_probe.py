"""The smallest network around one operator: it shows whether a file computes the operator as torch does."""

import torch
from torch import Tensor, nn

from pspm.networks import Matte, MattingNetwork
from pspm.networks.layers.convolution import conv_bn
from pspm.operators import operators
from pspm_export.verification.sample_inputs import sample_image

WIDTH = 8
# Large enough in height and width for an inner part that the zero padding of no kernel reaches.
SIZE = (32, 48)
PASSES = 30


class OperatorProbe(MattingNetwork):
    """RGB in [-1, 1], (N, 3, H, W), to a `Matte` by way of one operator's pooling and upsampling."""

    MULTIPLE = 16

    def __init__(self, operator: str) -> None:
        super().__init__()
        self.before, self.within = conv_bn(3, WIDTH, 3), conv_bn(WIDTH, WIDTH, 3)
        self.operator = operators(operator)(WIDTH)
        self.prediction = nn.Conv2d(2 * WIDTH, 1, 3, padding=1)

    def forward(self, image: Tensor) -> Matte:
        pooled = self.operator.pool(self.before(image))
        x = self.operator.upsample(self.within(pooled.x), pooled.guidance)
        alpha = self.prediction(torch.cat([x, pooled.skip], 1))
        return Matte(alpha if self.training else alpha.clamp(0, 1), image)


def operator_probe(operator: str) -> OperatorProbe:
    """A probe in eval mode with random weights (seed 0). Raises ValueError for an unknown operator.

    Its batch norms have the statistics of the sample portrait, and its alpha uses all of [0, 1].
    """
    torch.manual_seed(0)
    network, image = OperatorProbe(operator).train(), sample_image(*SIZE)
    with torch.no_grad():
        for _ in range(PASSES):
            network(image)
        alpha = network(image).alpha
        network.prediction.weight /= 4 * alpha.std()
        if network.prediction.bias is not None:
            network.prediction.bias.sub_(alpha.mean()).div_(4 * alpha.std()).add_(0.5)
    return network.eval()
