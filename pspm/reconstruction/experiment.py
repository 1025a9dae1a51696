"""Train the toy network with an operator and measure its reconstructions."""

from dataclasses import dataclass
from statistics import mean, stdev
from typing import NamedTuple

import torch
import torch.nn.functional as F
from kornia.metrics import ssim
from torch import Tensor

from pspm.operators import operators
from pspm.reconstruction.network import Reconstruction

BATCH = 100
WINDOW = 11


class Errors(NamedTuple):
    """Errors of reconstructions in [0, 1] (sec. 4.8.1).

    psnr: in dB, from the mean square error over all pictures, so that one perfect picture does not make it infinite.
    ssim: mean over all pixels. mae: mean absolute error. mse: root mean square error, as the thesis names it.
    """

    psnr: float
    ssim: float
    mae: float
    mse: float


@dataclass(frozen=True)
class Result:
    """Errors (one for each seed) and number of parameters of one operator.

    features: the output of its last upsampling for the shown pictures, (N, 16, 32, 32), with the first seed.
    """

    operator: str
    errors: list[Errors]
    parameters: int
    features: Tensor

    def mean(self, error: str) -> float:
        """The mean of an error over the seeds."""
        return mean(getattr(e, error) for e in self.errors)

    def spread(self, error: str) -> float | None:
        """The standard deviation of an error over the seeds; None for a single seed."""
        values = [getattr(e, error) for e in self.errors]
        return stdev(values) if len(values) > 1 else None


def reconstruct(operator: str, train: Tensor, test: Tensor, *, steps: int, seeds: int, shown: Tensor) -> Result:
    """Train with seeds 0, 1, ... and measure on the test pictures. Raises ValueError for an unknown operator.

    train, test, shown: pictures, (N, 1, 32, 32) in [0, 1]. steps: for each seed.
    """
    errors, features = [], torch.empty(0)
    parameters = sum(p.numel() for p in Reconstruction(operators(operator)).operators.parameters())
    for seed in range(seeds):
        network = trained(operator, train, steps, seed)
        with torch.no_grad():
            errors.append(measure(torch.cat([network(batch) for batch in test.split(BATCH)]), test))
            if seed == 0:
                features = network.upsampled(shown)
    return Result(operator, errors, parameters, features)


def trained(operator: str, train: Tensor, steps: int, seed: int) -> Reconstruction:
    """Train with an l1 loss and batches of 100; return the network in eval mode.

    As in sec. 4.8.1, the learning rate falls at 50, 70 and 85 % of the steps. Unlike there, the optimizer is Adam: SGD
    needs 100 epochs of 600 steps.
    """
    torch.manual_seed(seed)
    network = Reconstruction(operators(operator)).train()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [round(steps * share) for share in (0.5, 0.7, 0.85)])
    for _ in range(steps):
        batch = train[torch.randint(len(train), (BATCH,))]
        loss = F.l1_loss(network(batch), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


def measure(found: Tensor, truth: Tensor) -> Errors:
    """The errors of reconstructions, (N, 1, H, W), clamped to [0, 1] first."""
    found = found.clamp(0, 1)
    square = (found - truth).square().mean()
    return Errors(
        psnr=float(-10 * square.log10()),
        ssim=float(ssim(found, truth, WINDOW).mean()),
        mae=float((found - truth).abs().mean()),
        mse=float(square.sqrt()),
    )
