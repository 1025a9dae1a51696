"""From a decoded batch to what the network sees: colour, composition and a camera's faults, on the batch's device."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from kornia.color import rgb_to_grayscale
from kornia.enhance import adjust_gamma, jpeg_codec_differentiable
from kornia.filters import gaussian_blur2d
from torch import Tensor

from pspm.data.samples.sample_rng import Dice
from pspm.data.samples.samples import Batch


class Picture(NamedTuple):
    """image: (N, 3, H, W) in [0, 1]; alpha and trusted: (N, 1, H, W) in [0, 1]."""

    image: Tensor
    alpha: Tensor
    trusted: Tensor


class Layers(NamedTuple):
    """A picture before its composition: foreground and background (N, 3, H, W) and alpha (N, 1, H, W) in [0, 1]."""

    foreground: Tensor
    background: Tensor
    alpha: Tensor
    composite: Tensor


def composite(alpha: Tensor, foreground: Tensor, background: Tensor) -> Tensor:
    """I = alpha F + (1 - alpha) B (eq. 5.1)."""
    return background + alpha * (foreground - background)


def where(mask: Tensor, changed: Tensor, x: Tensor) -> Tensor:
    """Those images of a batch for which the mask, (N,), holds are changed."""
    return torch.where(mask[:, None, None, None], changed, x)


def only(mask: Tensor, image: Tensor, change: Callable[..., Tensor], *parameters: Tensor) -> Tensor:
    """As `where`, for changes that are too dear to compute for images that do not get them."""
    chosen = mask.nonzero()[:, 0]
    if not len(chosen):
        return image
    image = image.clone()
    image[chosen] = change(image[chosen], *(parameter[chosen] for parameter in parameters))
    return image


def blur(image: Tensor, sigma: Tensor) -> Tensor:
    """Soft focus; sigma: (N,) in pixels, at most 2."""
    return gaussian_blur2d(image, (9, 9), sigma[:, None].expand(-1, 2))


def jpeg(image: Tensor, quality: Tensor) -> Tensor:
    """What a JPEG of a quality, (N,) in 1..100, leaves of images whose sides are multiples of 16."""
    return jpeg_codec_differentiable(image, quality).clamp(0, 1)


def layers(batch: Batch, dice: Dice) -> Layers:
    """Foreground and background with colours of their own; sometimes the background comes near the person's colour."""
    foreground = random_colour(batch.foreground / 255, dice)
    background = random_colour(batch.background / 255, dice)
    alpha = batch.alpha / 255
    weight = alpha / alpha.sum((2, 3), keepdim=True).clamp(min=1)
    shift = (foreground * weight).sum((2, 3), keepdim=True) - background.mean((2, 3), keepdim=True)
    nearer = (background + shift * dice.uniform(0, 0.8)[:, None, None, None]).clamp(0, 1)
    return Layers(foreground, where(dice.chance(0.4), nearer, background), alpha, batch.composite)


def compose(layers: Layers) -> Tensor:
    """The picture, (N, 3, H, W)."""
    whole = composite(layers.alpha, layers.foreground, layers.background)
    return where(layers.composite, whole, layers.foreground)


def render(batch: Batch) -> Picture:
    """What the network sees of a batch, without strong augmentation; see `strong` for that."""
    dice = Dice(batch.dice, batch.seed)
    drawn = layers(batch, dice)
    return Picture(random_camera(compose(drawn), dice), drawn.alpha, batch.trusted.float())


def random_colour(image: Tensor, dice: Dice) -> Tensor:
    """Another exposure, white balance, gamma and saturation."""
    image = image * dice.uniform(0.7, 1.3)[:, None, None, None]
    balance = torch.stack([dice.uniform(0.85, 1.15) for _ in range(3)], 1)[:, :, None, None]
    image = where(dice.chance(0.8), image * balance, image).clamp(0, 1)
    gamma = torch.where(dice.chance(0.6), dice.uniform(-0.4, 0.4).exp(), 1)
    image = adjust_gamma(image, gamma)
    saturation = torch.where(dice.chance(0.5), dice.uniform(0.4, 1.4), 1)[:, None, None, None]
    grey = image.mean(1, keepdim=True)
    return (grey + (image - grey) * saturation).clamp(0, 1)


def random_camera(image: Tensor, dice: Dice) -> Tensor:
    """Black and white, soft focus, low light, noise and JPEG, as cameras make them."""
    image = where(dice.chance(0.1), rgb_to_grayscale(image).expand_as(image), image)
    image = only(dice.chance(0.15), image, blur, dice.uniform(0.3, 1.3))
    noise = (dice.uniform(0.005, 0.035) * dice.chance(0.3))[:, None, None, None]
    image = (image + noise * dice.noise(image)).clamp(0, 1)
    return only(dice.chance(0.2), image, jpeg, dice.uniform(40, 92))
