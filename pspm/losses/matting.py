"""The losses of parameter-sharing matting, thesis sec. 6.4 and 6.5.3. Alphas are (N, 1, H, W) in [0, 1]."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

SOFT = (0.02, 0.98)
AFFINITY_SIDE = 16


def unknown_region(alpha: Tensor, radius: int) -> Tensor:
    """U: where the true alpha is neither 0 nor 1, dilated by `radius` pixels (sec. 6.5.2). 0 or 1, (N, 1, H, W)."""
    soft = ((alpha > SOFT[0]) & (alpha < SOFT[1])).float()
    return F.max_pool2d(soft, 2 * radius + 1, stride=1, padding=radius)


def true_trimap(alpha: Tensor, unknown: Tensor) -> Tensor:
    """Class indices in the order of `TRIMAP_CLASSES`, (N, H, W) int64."""
    return torch.where(unknown > 0, 1, torch.where(alpha > 0.5, 2, 0))[:, 0]


def alpha_loss(alpha: Tensor, truth: Tensor, region: Tensor | None = None) -> Tensor:
    """l_a (eq. 6.5): the mean absolute difference over a region, or over the whole image."""
    difference = (alpha - truth).abs()
    return difference.mean() if region is None else (difference * region).sum() / region.sum().clamp(min=1)


def gradient_loss(alpha: Tensor, truth: Tensor, unknown: Tensor) -> Tensor:
    """l_g (eq. 6.6-6.8): difference of Sobel gradients, weighing the unknown region 1 and the rest 0.5 (sec. 6.4.2).

    The kernels are scaled so that a step from 0 to 1 has a gradient of 1.
    """
    smooth, slope = alpha.new_tensor([1, 2, 1]) / 4, alpha.new_tensor([-1, 0, 1])
    kernels = torch.stack([torch.outer(smooth, slope), torch.outer(slope, smooth)])[:, None]
    difference = F.conv2d(F.pad(alpha - truth, (1, 1, 1, 1), mode="replicate"), kernels).abs().sum(1, keepdim=True)
    return (difference * (0.5 + 0.5 * unknown)).mean()


def affinity_loss(alpha: Tensor, image: Tensor) -> Tensor:
    """l_A (eq. 6.4 and 6.9): root mean square difference of the affinities of the alpha and of the image, both small.

    sigma is the distance between the largest and the smallest of a picture's pixel distances.
    """

    def affinity(x: Tensor) -> Tensor:
        pixels = F.adaptive_avg_pool2d(x, AFFINITY_SIDE).flatten(2)
        squared = (pixels[:, :, :, None] - pixels[:, :, None, :]).square().sum(1)
        return (-squared / squared.amax((1, 2), keepdim=True).clamp(min=1e-4)).exp()

    return (affinity(alpha) - affinity(image)).square().mean().clamp(min=1e-8).sqrt()


class Weights(NamedTuple):
    """Factors of the terms; the defaults are the thesis's lambda_1..3 for phase 2, and no segmentation term."""

    unknown: float = 1
    image: float = 10
    gradient: float = 10
    affinity: float = 10
    segmentation: float = 0


def matting_loss(
    alpha: Tensor, logits: Tensor, image: Tensor, truth: Tensor, weights: Weights, radius: int
) -> dict[str, Tensor]:
    """The weighted terms of l = l_aU + 10 l_aI + 10 l_g + 10 l_A (sec. 6.5.3), and of the cross entropy of the trimap.

    alpha: the network's, unclamped; logits: its trimap, (N, 3, H, W); image: (N, 3, H, W); truth: the true alpha;
    radius: of the dilation that makes the unknown region, in pixels.
    """
    unknown = unknown_region(truth, radius)
    return {
        "l_aU": weights.unknown * alpha_loss(alpha, truth, unknown),
        "l_aI": weights.image * alpha_loss(alpha, truth),
        "l_g": weights.gradient * gradient_loss(alpha, truth, unknown),
        "l_A": weights.affinity * affinity_loss(alpha, image),
        "l_c": weights.segmentation * F.cross_entropy(logits, true_trimap(truth, unknown)),
    }
