"""How every operator fares in every format: the smallest network around it, saved and held against torch.

    python -m pspm_export.reports.operator_parity [NAME ...]

prints the table of docs/operators.md.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn

from pspm.networks import Matte
from pspm.networks.layers.convolution import conv_bn
from pspm.operators import OPERATORS, operators
from pspm_export.plan.calibration import sample_input
from pspm_export.plan.formats import FORMATS
from pspm_export.verification.parity import Parity, compare

CHANNELS = 8
# In height and in width there is a border, and an inner part that no kernel's zeros reach.
SIZE = (32, 48)


class Around(nn.Module):
    """RGB in [-1, 1], (N, 3, H, W), to a `Matte`, by way of one operator."""

    MULTIPLE = 16

    def __init__(self, operator: str) -> None:
        super().__init__()
        self.before, self.within = conv_bn(3, CHANNELS, 3), conv_bn(CHANNELS, CHANNELS, 3)
        self.operator = operators(operator)(CHANNELS)
        self.prediction = nn.Conv2d(2 * CHANNELS, 1, 3, padding=1)

    def forward(self, image: Tensor) -> Matte:
        pooled = self.operator.pool(self.before(image))
        x = self.operator.upsample(self.within(pooled.x), pooled.guidance)
        alpha = self.prediction(torch.cat([x, pooled.skip], 1))
        return Matte(alpha if self.training else alpha.clamp(0, 1), image)


def settled(operator: str) -> Around:
    """In eval mode, with normalisations that know the sample portrait, and an alpha that uses all of [0, 1]."""
    torch.manual_seed(0)
    network, image = Around(operator).train(), sample_input(*SIZE)
    with torch.no_grad():
        for _ in range(30):
            network(image)
        alpha = network(image).alpha
        network.prediction.weight /= 4 * alpha.std()
        if network.prediction.bias is not None:
            network.prediction.bias.sub_(alpha.mean()).div_(4 * alpha.std()).add_(0.5)
    return network.eval()


def parity_of(operator: str, format_name: str) -> Parity:
    """Of a float32 file with torch's own operator, on the sample portrait. Raises ModelError for what cannot be saved.

    Files that can take several sizes are of that kind.
    """
    network, row = settled(operator), FORMATS[format_name]
    writer = row.writer()
    with TemporaryDirectory() as folder:
        path = Path(folder) / row.file
        writer.write(
            network,  # type: ignore[arg-type]
            path,
            precision="fp32",
            size=SIZE,
            dynamic=row.flexible,
            calibration=(),
        )
        (found,) = compare(network, writer.open(path), [sample_input(*SIZE)])  # type: ignore[arg-type]
    return found


def main(names: list[str]) -> None:
    """Print a Markdown table: mean differences of the alpha, from 0 to 1."""
    print(f"| operator | {' | '.join(FORMATS)} |")
    print("| --- |" + " --- |" * len(FORMATS))
    for name in names or OPERATORS:
        errors = [parity_of(name, row).mean_error for row in FORMATS]
        print(f"| `{name}` | {' | '.join(f'{error:.0e}' for error in errors)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
