"""Strong augmentation for matting (thesis sec. 5.4.2 and 5.7.3): of the foreground, of both layers, or of the image.

Changes that are linear in every pixel preserve the matting equation (eq. 5.2 and 5.3), and so does any change of a
layer before compositing. Other changes of the whole image alter its true alpha: `render_strongly` marks such samples so
that training can relabel them.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from kornia.enhance import adjust_gamma, adjust_hue, adjust_saturation, equalize
from torch import Tensor

from pspm.data.samples.augment import (
    Picture,
    apply_effects,
    blur,
    change_chosen,
    compose,
    jpeg,
    random_layers,
    select,
    with_layers,
)
from pspm.data.samples.batch import Batch
from pspm.data.samples.sample_options import STRONG, Colours, Effects, StrongShares
from pspm.data.samples.sample_rng import SampleRng

Change = Callable[[Tensor, Tensor, Tensor], Tensor]


def clouds(image: Tensor, strength: Tensor, noise: Tensor) -> Tensor:
    """Cover the image with white clouds, about eight across, that let at least a fifth of it through."""
    height, width = image.shape[2:]
    coarse = noise[:, :1, :: max(1, height // 8), :: max(1, width // 8)]
    cover = 0.8 * strength * F.interpolate(coarse, (height, width), mode="bilinear").mul(2).sigmoid()
    return image + cover * (1 - image)


def snow(image: Tensor, strength: Tensor, noise: Tensor) -> Tensor:
    """Cover the image with soft white flakes a few pixels wide."""
    flakes = (noise[:, :1] > 3 - strength).to(image.dtype)
    cover = 0.9 * F.avg_pool2d(F.max_pool2d(flakes, 3, 1, 1), 3, 1, 1)
    return image + cover * (1 - image)


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
    clouds,
    snow,
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


class ChangeShares(NamedTuple):
    """Probability that a change is linear, nonlinear or region-wise."""

    linear: float
    nonlinear: float
    region: float


LAYER_SHARES = ChangeShares(0.8, 0.1, 0.1)
COMPOSITE_SHARES = ChangeShares(0.2, 0.4, 0.4)


class StrongPicture(NamedTuple):
    """A strongly augmented batch.

    relabel: (N,) bool, where a change broke the matting equation, so that alpha is inexact.
    shuffle: (N,) bool, whether to relabel by shuffled colour channels instead of by rotation.
    """

    picture: Picture
    relabel: Tensor
    shuffle: Tensor


def render_strongly(
    batch: Batch,
    shares: StrongShares = STRONG,
    colours: Colours = "all",
    effects: Effects = "camera",
    *,
    keep_layers: bool = False,
) -> StrongPicture:
    """Augment a batch with AF, AFB and AC. Otherwise like `pspm.data.samples.augment.render`.

    Whole photos have no layers and only take part in AC.
    """
    rng = SampleRng(batch.numbers, batch.seed)
    layers = random_layers(batch, rng, colours)
    draw = rng.uniform(0, 1)
    foreground = layers.composite & (draw < shares.af + shares.afb)
    background = layers.composite & (draw >= shares.af) & (draw < shares.af + shares.afb)
    whole = ~foreground & rng.chance(shares.ac)
    layers = layers._replace(
        foreground=select(foreground, random_change(layers.foreground, rng, LAYER_SHARES)[0], layers.foreground),
        background=select(background, random_change(layers.background, rng, LAYER_SHARES)[0], layers.background),
    )
    image = compose(layers)
    changed, inexact = random_change(image, rng, COMPOSITE_SHARES)
    picture = Picture(select(whole, changed, image), layers.alpha, batch.trusted.float())
    if keep_layers:
        picture = with_layers(picture, layers, layers.composite & ~whole)
    picture = apply_effects(picture, effects, rng)
    return StrongPicture(picture, whole & inexact, rng.chance(0.5))


def random_change(image: Tensor, rng: SampleRng, shares: ChangeShares) -> tuple[Tensor, Tensor]:
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
