"""The losses of matting: thesis sec. 6.4, and those of earlier chapters. Alphas are (N, 1, H, W) in [0, 1]."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from pspm.losses.laplacian import laplacian_loss
from pspm.losses.unknown_region import training_trimap, training_unknown_region
from pspm.networks.input_range import to_unit

AFFINITY_SIDE = 16


def alpha_loss(alpha: Tensor, truth: Tensor, region: Tensor | None = None) -> Tensor:
    """l_a (eq. 6.5): the mean absolute difference over a region of each image, or over all of it; then over the images.

    Each image counts the same however large its region is, so that a batch may be split over devices.
    """
    difference = (alpha - truth).abs()
    if region is None:
        return difference.mean()
    return ((difference * region).sum((1, 2, 3)) / region.sum((1, 2, 3)).clamp(min=1)).mean()


def gradient_loss(alpha: Tensor, truth: Tensor, unknown: Tensor) -> Tensor:
    """l_g (eq. 6.6-6.8): difference of Sobel gradients, weighing the unknown region 1 and the rest 0.5 (sec. 6.4.2)."""
    difference = sobel(alpha - truth).abs().sum(1, keepdim=True)
    return (difference * (0.5 + 0.5 * unknown)).mean()


def penalised_gradient_loss(alpha: Tensor, truth: Tensor) -> Tensor:
    """l_gp (eq. 5.4): the difference of gradients, and a hundredth of the matte's own, for smoothness."""
    return (sobel(alpha - truth).abs() + 0.01 * sobel(alpha).abs()).sum(1).mean()


def sobel(alpha: Tensor) -> Tensor:
    """The gradient of (N, 1, H, W) along x and y, (N, 2, H, W); a step from 0 to 1 has a gradient of 1."""
    smooth, slope = alpha.new_tensor([1, 2, 1]) / 4, alpha.new_tensor([-1, 0, 1])
    kernels = torch.stack([torch.outer(smooth, slope), torch.outer(slope, smooth)])[:, None]
    return F.conv2d(F.pad(alpha, (1, 1, 1, 1), mode="replicate"), kernels)


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
    """Factors of the terms; the defaults are the thesis's lambda_1..3 for phase 2, and none of the others."""

    unknown: float = 1
    image: float = 10
    gradient: float = 10
    affinity: float = 10
    segmentation: float = 0
    laplacian: float = 0
    penalised_gradient: float = 0
    composition: float = 0


class Target(NamedTuple):
    """What a network should have returned.

    image: (N, 3, H, W) in [-1, 1]; alpha: (N, 1, H, W) in [0, 1]; trusted: (N, 1, H, W), 1 where alpha is believed and
    0 where it is not; radius: of the dilation that makes the unknown region, in pixels, or one for each picture, (N,).
    """

    image: Tensor
    alpha: Tensor
    trusted: Tensor
    radius: int | Tensor


def matting_loss(alpha: Tensor, logits: Tensor, target: Target, weights: Weights) -> dict[str, Tensor]:
    """Those terms whose weight is not 0, weighted.

    l_aU, l_aI, l_g, l_A: sec. 6.5.3; l_c: cross entropy of the trimap at the size of its logits, (N, 3, h, w);
    l_lap, l_gp: sec. 5.5.1; l_comp: of the pictures that alpha and truth make of black and the image (ch. 3).
    Where the truth is not trusted the prediction is taken for it, and the trimap's class is unknown.

    alpha: the network's, unclamped.
    """
    doubt = target.trusted < 0.5
    truth = torch.where(doubt, alpha.detach().clamp(0, 1), target.alpha)
    unknown = torch.maximum(training_unknown_region(target.alpha, target.radius), doubt.float())
    believed = unknown * target.trusted
    terms = {
        "l_aU": (weights.unknown, lambda: alpha_loss(alpha, truth, believed)),
        "l_aI": (weights.image, lambda: alpha_loss(alpha, truth)),
        "l_g": (weights.gradient, lambda: gradient_loss(alpha, truth, unknown)),
        "l_A": (weights.affinity, lambda: affinity_loss(alpha, target.image)),
        "l_c": (weights.segmentation, lambda: trimap_loss(logits, training_trimap(target.alpha, unknown))),
        "l_lap": (weights.laplacian, lambda: laplacian_loss(alpha, truth)),
        "l_gp": (weights.penalised_gradient, lambda: penalised_gradient_loss(alpha, truth)),
        "l_comp": (weights.composition, lambda: composition_loss(alpha, truth, target.image, believed)),
    }
    return {name: weight * term() for name, (weight, term) in terms.items() if weight}


def trimap_loss(logits: Tensor, trimap: Tensor) -> Tensor:
    """Cross entropy of logits, (N, 3, h, w), with a trimap, (N, H, W) of class indices."""
    smaller = F.interpolate(trimap[:, None].float(), size=logits.shape[2:], mode="nearest")[:, 0].long()
    return F.cross_entropy(logits, smaller)


def composition_loss(alpha: Tensor, truth: Tensor, image: Tensor, region: Tensor) -> Tensor:
    """How far alpha I is from truth I over a region, with I in [0, 1]: errors on dark pixels do not show."""
    pixels = to_unit(image)
    return alpha_loss(alpha * pixels, truth * pixels, region.expand_as(image))
