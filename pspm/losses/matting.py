"""Matting losses of thesis sec. 6.4 and of chapters 3 and 5. Alphas are (N, 1, H, W) in [0, 1]."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from pspm.losses.laplacian import laplacian_loss
from pspm.losses.unknown_region import training_trimap, training_unknown_region
from pspm.networks.input_range import to_unit

AFFINITY_SIDE = 16


def alpha_loss(alpha: Tensor, truth: Tensor, region: Tensor | None = None) -> Tensor:
    """l_a (eq. 6.5): the mean absolute difference over each image, or its region, then over the images.

    region: 0 or 1, (N, 1, H, W) or (N, 3, H, W); None means everywhere. Every image has the same weight, whatever the
    size of its region, so that a batch can be split over devices.
    """
    difference = (alpha - truth).abs()
    if region is None:
        return difference.mean()
    return ((difference * region).sum((1, 2, 3)) / region.sum((1, 2, 3)).clamp(min=1)).mean()


def gradient_loss(alpha: Tensor, truth: Tensor, unknown: Tensor) -> Tensor:
    """l_g (eq. 6.6-6.8): difference of Sobel gradients, weighted 1 in the unknown region, else 0.5 (sec. 6.4.2)."""
    difference = sobel(alpha - truth).abs().sum(1, keepdim=True)
    return (difference * (0.5 + 0.5 * unknown)).mean()


def penalised_gradient_loss(alpha: Tensor, truth: Tensor) -> Tensor:
    """l_gp (eq. 5.4): the difference of gradients, plus 0.01 times the matte's own gradient, for smoothness."""
    return (sobel(alpha - truth).abs() + 0.01 * sobel(alpha).abs()).sum(1).mean()


def sobel(alpha: Tensor) -> Tensor:
    """The Sobel gradient of (N, 1, H, W) along x and y, (N, 2, H, W), scaled so that a step from 0 to 1 gives 1."""
    smooth, slope = alpha.new_tensor([1, 2, 1]) / 4, alpha.new_tensor([-1, 0, 1])
    kernels = torch.stack([torch.outer(smooth, slope), torch.outer(slope, smooth)])[:, None]
    return F.conv2d(F.pad(alpha, (1, 1, 1, 1), mode="replicate"), kernels)


def affinity_loss(alpha: Tensor, image: Tensor) -> Tensor:
    """l_A (eq. 6.4 and 6.9): root mean square difference of the pixel affinities of the alpha and of the image.

    Both are averaged to `AFFINITY_SIDE` x `AFFINITY_SIDE` pixels first. sigma is the difference of a picture's largest
    and smallest pixel distance. image: (N, 3, H, W).
    """

    def affinity(x: Tensor) -> Tensor:
        pixels = F.adaptive_avg_pool2d(x, AFFINITY_SIDE).flatten(2)
        squared = (pixels[:, :, :, None] - pixels[:, :, None, :]).square().sum(1)
        return (-squared / squared.amax((1, 2), keepdim=True).clamp(min=1e-4)).exp()

    return (affinity(alpha) - affinity(image)).square().mean().clamp(min=1e-8).sqrt()


class Weights(NamedTuple):
    """Factors of the terms. The defaults are the thesis's lambda_1..3 for phase 2, and 0 for the other terms."""

    unknown: float = 1
    image: float = 10
    gradient: float = 10
    affinity: float = 10
    segmentation: float = 0
    laplacian: float = 0
    penalised_gradient: float = 0
    composition: float = 0


class Target(NamedTuple):
    """The ground truth of a batch.

    image: (N, 3, H, W) in [-1, 1]. alpha: (N, 1, H, W) in [0, 1].
    trusted: (N, 1, H, W), 1 where alpha is reliable, else 0.
    radius: of the unknown region's dilation in pixels, one for all or one for each picture, (N,) int64.
    """

    image: Tensor
    alpha: Tensor
    trusted: Tensor
    radius: int | Tensor


def matting_loss(alpha: Tensor, logits: Tensor, target: Target, weights: Weights) -> dict[str, Tensor]:
    """The weighted terms of the loss by name, without those whose weight is 0.

    alpha: predicted, (N, 1, H, W), not clamped. logits: of the predicted trimap, (N, 3, h, w).

    l_aU, l_aI, l_g, l_A: sec. 6.5.3. l_c: cross entropy of the trimap at the resolution of its logits.
    l_lap, l_gp: sec. 5.5.1. l_comp: difference of the image over black, composited with alpha and with truth (ch. 3).

    Where the truth is not trusted, the prediction replaces it and the trimap's class is unknown.
    """
    doubt = target.trusted < 0.5
    truth = torch.where(doubt, alpha.detach().clamp(0, 1), target.alpha)
    unknown = torch.maximum(training_unknown_region(target.alpha, target.radius), doubt.float())
    reliable = unknown * target.trusted
    terms = {
        "l_aU": (weights.unknown, lambda: alpha_loss(alpha, truth, reliable)),
        "l_aI": (weights.image, lambda: alpha_loss(alpha, truth)),
        "l_g": (weights.gradient, lambda: gradient_loss(alpha, truth, unknown)),
        "l_A": (weights.affinity, lambda: affinity_loss(alpha, target.image)),
        "l_c": (weights.segmentation, lambda: trimap_loss(logits, training_trimap(target.alpha, unknown))),
        "l_lap": (weights.laplacian, lambda: laplacian_loss(alpha, truth)),
        "l_gp": (weights.penalised_gradient, lambda: penalised_gradient_loss(alpha, truth)),
        "l_comp": (weights.composition, lambda: composition_loss(alpha, truth, target.image, reliable)),
    }
    return {name: weight * term() for name, (weight, term) in terms.items() if weight}


def trimap_loss(logits: Tensor, trimap: Tensor) -> Tensor:
    """Cross entropy of logits, (N, 3, h, w), and a trimap of class indices, (N, H, W), resized to them."""
    smaller = F.interpolate(trimap[:, None].float(), size=logits.shape[2:], mode="nearest")[:, 0].long()
    return F.cross_entropy(logits, smaller)


def composition_loss(alpha: Tensor, truth: Tensor, image: Tensor, region: Tensor) -> Tensor:
    """l_comp: `alpha_loss` of alpha I and truth I over a region. I is the image in [0, 1]: dark pixels count less."""
    pixels = to_unit(image)
    return alpha_loss(alpha * pixels, truth * pixels, region.expand_as(image))
