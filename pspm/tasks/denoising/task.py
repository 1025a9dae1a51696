"""The task `denoise`: recipes and metrics of thesis sec. 3.6.2."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from kornia.metrics import ssim
from torch import Tensor, nn

from pspm.tasks.denoising.layout import find_pictures, read_all
from pspm.tasks.denoising.patches import NoisyPatch, NoisyPictures, PatchSet, add_noise
from pspm.tasks.networks.registry import build
from pspm.tasks.recipe import Recipe
from pspm.tasks.task import NONE, SEGNET_OPERATORS, Made, Metric, Options, Pictures, Task, device_of

WINDOW = 11
# The networks of sec. 3.6.2 halve the resolution three times.
MULTIPLE = 8

RECIPES = {
    "short": Recipe("ours", lr=3e-3, batch=8, crop=(40, 40), steps=400, falls=(0.75,), settled=1920),
    "dncnn": Recipe("sec. 3.6.2.1", lr=1e-3, batch=128, crop=(40, 40), epochs=60, falls=(45 / 60, 55 / 60)),
}


class Denoise(Task):
    """Remove Gaussian noise of a known sigma from grey pictures."""

    name = "denoise"
    title = "Denoising, as in thesis table 3.6"
    metrics = (Metric("PSNR", True, 2, "dB"), Metric("SSIM", True, 4))
    recipes = RECIPES
    networks = ("dncnn-segnet", "dncnn")
    operators = SEGNET_OPERATORS

    def read(self, recipe: Recipe, options: Options) -> Pictures:
        """See `find_pictures`. Pictures of no published set are reduced to 320 pixels, about as large as BSD's."""
        train, tests = find_pictures(options.data)
        longest = 0 if len(tests) > 1 or "BSD68" in tests or "Set12" in tests else 320
        patches = PatchSet(read_all(train, longest), recipe.crop[0], options.sigma) if train else None
        read = {
            name: NoisyPictures(read_all(paths[: options.limit], longest), options.sigma)
            for name, paths in tests.items()
        }
        counts = ", ".join(f"{len(test)} of {name} to test" for name, test in read.items())
        patched = f"{len(patches)} patches of {len(train)} pictures to train, " if patches else ""
        return Pictures(patches, read, f"sigma {options.sigma}; {patched}{counts}")

    def build(self, made: Made) -> nn.Module:
        """See `networks.registry.build`; DnCNN itself has no upsampling, so it takes the operator "none"."""
        return build(made.network, None if made.operator == NONE else made.operator, **made.own_options())

    def collate(self, samples: Sequence[NoisyPatch]) -> NoisyPatch:
        """Stack patches."""
        return NoisyPatch(*(torch.stack(field) for field in zip(*samples, strict=True)))

    def loss(self, network: nn.Module, batch: NoisyPatch, recipe: Recipe) -> Tensor:
        """The l2 loss."""
        return F.mse_loss(network(batch.noisy), batch.clean)

    def show(self, network: nn.Module, photo: np.ndarray) -> None:
        """With noise, as in the tests."""
        noisy = add_noise(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), Options().sigma, np.random.default_rng(0)).noisy
        denoised(network, noisy[None])

    def measure(self, network: nn.Module, test: Sequence[NoisyPatch]) -> dict[str, float]:
        """Means over the pictures, in [0, 1] and without rounding to 255 levels."""
        found = [errors(denoised(network, noisy[None]).clamp(0, 1), clean[None]) for noisy, clean in test]
        return {name: sum(e[name] for e in found) / len(found) for name in ("PSNR", "SSIM")}


@torch.no_grad()
def denoised(network: nn.Module, noisy: Tensor) -> Tensor:
    """Denoise a picture of any size, (1, 1, H, W): it is mirrored at its edges to the network's multiple."""
    height, width = noisy.shape[2:]
    padded = F.pad(noisy, (0, -width % MULTIPLE, 0, -height % MULTIPLE), mode="reflect")
    return network(padded.to(device_of(network))).cpu()[..., :height, :width]


def errors(found: Tensor, truth: Tensor) -> dict[str, float]:
    """PSNR in dB and SSIM (11 x 11 Gaussian of sigma 1.5, without the border) of pictures, (1, 1, H, W) in [0, 1]."""
    square = (found - truth).square().mean()
    similarity = ssim(found, truth, WINDOW, padding="valid")
    return {"PSNR": float(-10 * square.clamp(min=1e-10).log10()), "SSIM": float(similarity.mean())}
