"""Matting losses of thesis sec. 6.4 and of chapters 3 and 5. Alphas are (N, 1, H, W) in [0, 1]."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from pspm.losses.laplacian import laplacian_loss
from pspm.losses.unknown_region import predicted_unknown_region, training_trimap, training_unknown_region
from pspm.losses.weights import TOLERANCE, Region, Weights

AFFINITY_SIDE = 16
# Sobel kernels as printed give a step from 0 to 1 the gradient 4.
SOBEL_STEP = 4


def alpha_loss(alpha: Tensor, truth: Tensor, region: Tensor | None = None) -> Tensor:
    """l_a (eq. 6.5): the mean absolute difference over each image, or its region, then over the images.

    region: S, weights in [0, 1], (N, 1, H, W) or (N, 3, H, W); None means everywhere. Every image has the same weight,
    whatever the size of its region, so that a batch can be split over devices.
    """
    difference = (alpha - truth).abs()
    if region is None:
        return difference.mean()
    return ((difference * region).sum((1, 2, 3)) / region.sum((1, 2, 3)).clamp(min=1)).mean()


def gradient_loss(alpha: Tensor, truth: Tensor, unknown: Tensor) -> Tensor:
    """l_g of our own recipes: difference of Sobel gradients, weighted 1 in the unknown region, else 0.5.

    It is one mean over the whole picture, so it weighs a small unknown region less than `region_gradient_loss` does.
    """
    difference = sobel(alpha - truth).abs().sum(1, keepdim=True)
    return (difference * (0.5 + 0.5 * unknown)).mean()


def region_gradient_loss(alpha: Tensor, truth: Tensor, unknown: Tensor) -> Tensor:
    """l_g of the thesis (eq. 6.6-6.8): g_a = g_u + 0.5 g_o (sec. 6.4.2).

    g_u and g_o are the means over the unknown region and over the rest, like `alpha_loss`, of the sum of the absolute
    differences of both Sobel gradients; a step from 0 to 1 has a gradient of `SOBEL_STEP`.
    """
    gradients, true_gradients = (SOBEL_STEP * sobel(x) for x in (alpha, truth))
    of_unknown, of_others = (
        2 * alpha_loss(gradients, true_gradients, region.expand_as(gradients)) for region in (unknown, 1 - unknown)
    )
    return of_unknown + 0.5 * of_others


def penalised_gradient_loss(alpha: Tensor, truth: Tensor, penalty: float = 0.01) -> Tensor:
    """l_gp (eq. 5.4): the difference of gradients, plus `penalty` times the matte's own gradient, for smoothness.

    With a penalty of 0 it is the plain l_g of Table 5.3.
    """
    return (sobel(alpha - truth).abs() + penalty * sobel(alpha).abs()).sum(1).mean()


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


class Target(NamedTuple):
    """The ground truth of a batch.

    image: (N, 3, H, W) in [-1, 1]. alpha: (N, 1, H, W) in [0, 1].
    trusted: (N, 1, H, W), 1 where alpha is reliable, else 0.
    radius: of the unknown region's dilation in pixels, one for all or one for each picture, (N,) int64.
    foreground, background: that made the samples, (N, 3, H, W) in [0, 1]; None if the loss does not need them.
    unknown: the unknown region, (N, 1, H, W), of the trimap that the network was given; None makes it from `radius`.
    """

    image: Tensor
    alpha: Tensor
    trusted: Tensor
    radius: int | Tensor
    foreground: Tensor | None = None
    background: Tensor | None = None
    unknown: Tensor | None = None


def matting_loss(
    alpha: Tensor,
    logits: Tensor,
    target: Target,
    weights: Weights,
    region: Region = "true",
    tolerance: float = TOLERANCE,
) -> dict[str, Tensor]:
    """The weighted terms of the loss by name, without those whose weight is 0.

    alpha: predicted, (N, 1, H, W), not clamped. logits: of the predicted trimap, (N, 3, h, w).

    region: the unknown region U of l_aU, l_g and l_ga is that of the true alpha or, with "predicted", that of the
    logits (`predicted_unknown_region`), through which the SegDecoder gets a gradient. tolerance: of the true one.

    l_aU, l_aI, l_A: sec. 6.5.3. l_g: `gradient_loss`; l_ga: `region_gradient_loss`. l_c: cross entropy of the true
    trimap at the resolution of the logits. l_lap, l_gp, l_gx (l_gp without its penalty): sec. 5.5.1.
    l_comp: `composition_loss` (ch. 3).

    Where the truth is not trusted, the prediction replaces it and the trimap's class is unknown.
    Raises ValueError for a composition loss without the samples' foreground and background.
    """
    doubt = target.trusted < 0.5
    truth = torch.where(doubt, alpha.detach().clamp(0, 1), target.alpha)
    true_unknown = torch.maximum(training_unknown_region(target.alpha, target.radius, tolerance), doubt.float())
    unknown = true_unknown
    if region == "predicted":
        unknown = torch.maximum(predicted_unknown_region(logits, *alpha.shape[2:]), doubt.float())
    if target.unknown is not None:
        unknown = torch.maximum(target.unknown, doubt.float())
    reliable = unknown * target.trusted
    terms = {
        "l_aU": (weights.unknown, lambda: alpha_loss(alpha, truth, reliable)),
        "l_aI": (weights.image, lambda: alpha_loss(alpha, truth)),
        "l_g": (weights.gradient, lambda: gradient_loss(alpha, truth, unknown)),
        "l_A": (weights.affinity, lambda: affinity_loss(alpha, target.image)),
        "l_c": (weights.segmentation, lambda: trimap_loss(logits, training_trimap(target.alpha, true_unknown))),
        "l_lap": (weights.laplacian, lambda: laplacian_loss(alpha, truth)),
        "l_gp": (weights.penalised_gradient, lambda: penalised_gradient_loss(alpha, truth)),
        "l_comp": (weights.composition, lambda: composition_loss(alpha, truth, *layers_of(target), reliable)),
        "l_ga": (weights.region_gradient, lambda: region_gradient_loss(alpha, truth, unknown)),
        "l_gx": (weights.plain_gradient, lambda: penalised_gradient_loss(alpha, truth, penalty=0)),
    }
    return {name: weight * term() for name, (weight, term) in terms.items() if weight}


def trimap_loss(logits: Tensor, trimap: Tensor) -> Tensor:
    """Cross entropy of logits, (N, 3, h, w), and a trimap of class indices, (N, H, W), resized to them."""
    smaller = F.interpolate(trimap[:, None].float(), size=logits.shape[2:], mode="nearest")[:, 0].long()
    return F.cross_entropy(logits, smaller)


def composition_loss(alpha: Tensor, truth: Tensor, foreground: Tensor, background: Tensor, region: Tensor) -> Tensor:
    """l_comp (ch. 3): the mean of |alpha F + (1 - alpha) B - I| over a region, as `alpha_loss` takes it.

    I = truth F + (1 - truth) B is the composite. So errors count where F and B differ, and not where they are equal.
    foreground, background: F and B, (N, 3, H, W) in [0, 1]. region: 0 or 1, (N, 1, H, W) or (N, 3, H, W).
    """
    composed, image = (background + a * (foreground - background) for a in (alpha, truth))
    return alpha_loss(composed, image, region.expand_as(image))


def layers_of(target: Target) -> tuple[Tensor, Tensor]:
    """F and B of the target. Raises ValueError if it has none."""
    if target.foreground is None or target.background is None:
        raise ValueError("the composition loss needs the foreground and background that made the samples")
    return target.foreground, target.background
