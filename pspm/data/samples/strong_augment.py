"""Strong augmentation for matting (thesis sec. 5.4.2 and 5.7.3): of the foreground, of both layers, or of the image.

Changes that are linear in every pixel preserve the matting equation (eq. 5.2 and 5.3), and so does any change of a
layer before compositing. Other changes of the whole image alter its true alpha: `render_strongly` marks such samples so
that training can relabel them. The thesis's clouds and snow are left out because they need additional images.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from kornia.enhance import adjust_gamma, adjust_hue, adjust_saturation, equalize
from torch import Tensor

from pspm.data.samples.augment import (
    Picture,
    blur,
    change_chosen,
    compose,
    jpeg,
    random_camera,
    random_layers,
    select,
)
from pspm.data.samples.batch import Batch
from pspm.data.samples.sample_rng import SampleRng

Change = Callable[[Tensor, Tensor, Tensor], Tensor]

# Shares of the batch: AF changes the foreground, AFB both layers, AC the composite of the others.
AF_SHARE = 0.25
AFB_SHARE = 0.25
AC_SHARE = 0.1

# A change takes images, the strength for each image, in [0, 1), and normal noise of the images' shape.
LINEAR: tuple[Change, ...] = (
    lambda x, s, _: x.mean((1, 2, 3), keepdim=True) + (x - x.mean((1, 2, 3), keepdim=True)) * (0.5 + s),
    lambda x, s, _: x + (s - 0.5) * 0.5,
    lambda x, _s, _n: 1 - x,
    lambda x, _s, _n: x.roll(1, 1),
    lambda x, s, noise: x + noise * s * 0.08,
    lambda x, s, noise: x + noise * (x * s * 0.01).sqrt(),
    lambda x, s, noise: x * (noise.abs() > 0.1 * s),
    lambda x, s, _: x * (0.5 + s),
    lambda x, s, noise: torch.where(noise.abs() > 3 - s, (noise > 0).to(x.dtype), x),
)
NONLINEAR: tuple[Change, ...] = (
    lambda x, s, _: adjust_gamma(x, ((s - 0.5) * 1.4).exp().flatten()),
    lambda x, s, _: adjust_hue(x, ((s - 0.5) * 1.0).flatten()),
    lambda x, s, _: adjust_saturation(x, (2 * s).flatten()),
    lambda x, _s, _n: equalize(x),
)
REGION: tuple[Change, ...] = (
    lambda x, s, _: blur(x, 0.5 + 1.5 * s.flatten()),
    lambda x, s, _: jpeg(x, 20 + 60 * s.flatten()),
)


class Shares(NamedTuple):
    """Probability that a change is linear, nonlinear or region-wise."""

    linear: float
    nonlinear: float
    region: float


LAYER_SHARES = Shares(0.8, 0.1, 0.1)
COMPOSITE_SHARES = Shares(0.2, 0.4, 0.4)


class StrongPicture(NamedTuple):
    """A strongly augmented batch. relabel: (N,) bool, where a change broke the matting equation: alpha is inexact."""

    picture: Picture
    relabel: Tensor


def render_strongly(batch: Batch) -> StrongPicture:
    """Augment a batch with AF, AFB and AC: a quarter gets AF, a quarter AFB, a tenth of the others AC.

    Whole photos have no layers and only take part in AC.
    """
    rng = SampleRng(batch.numbers, batch.seed)
    layers = random_layers(batch, rng)
    draw = rng.uniform(0, 1)
    foreground = layers.composite & (draw < AF_SHARE + AFB_SHARE)
    background = layers.composite & (draw >= AF_SHARE) & (draw < AF_SHARE + AFB_SHARE)
    whole = ~foreground & (rng.uniform(0, 1) < AC_SHARE)
    layers = layers._replace(
        foreground=select(foreground, random_change(layers.foreground, rng, LAYER_SHARES)[0], layers.foreground),
        background=select(background, random_change(layers.background, rng, LAYER_SHARES)[0], layers.background),
    )
    image = compose(layers)
    changed, inexact = random_change(image, rng, COMPOSITE_SHARES)
    image = random_camera(select(whole, changed, image), rng)
    return StrongPicture(Picture(image, layers.alpha, batch.trusted.float()), whole & inexact)


def random_change(image: Tensor, rng: SampleRng, shares: Shares) -> tuple[Tensor, Tensor]:
    """Apply one random change to each image, (N, C, H, W). Returns the images and (N,) bool, True if not linear."""
    group = rng.uniform(0, 1)
    member, strength = rng.uniform(0, 1), rng.uniform(0, 1)[:, None, None, None]
    noise = rng.noise(image)
    original, low = image, torch.zeros_like(group)
    for changes, share in zip((LINEAR, NONLINEAR, REGION), shares, strict=True):
        in_group = (group >= low) & (group < low + share)
        choice = (member * len(changes)).long()
        for i, change in enumerate(changes):
            chosen = in_group & (choice == i)
            image = change_chosen(
                chosen, image, lambda _, x, s, n, change=change: change(x, s, n), original, strength, noise
            )
        low = low + share
    return image.clamp(0, 1), group >= shares.linear
