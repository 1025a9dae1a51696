"""Strong augmentation for matting (thesis sec. 5.4.2 and 5.7.3): of the foreground, of both layers, of the picture.

What is linear in every pixel leaves the matting equation true, whatever it is done to (eq. 5.2 and 5.3), and so does
anything done to a layer before composition. What else is done to the whole picture changes the truth: such samples are
marked, for the training to relabel. Clouds and snow are left out: they would need pictures of their own.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from kornia.enhance import adjust_gamma, adjust_hue, adjust_saturation, equalize
from torch import Tensor

from pspm.data.samples.augment import Picture, blur, compose, jpeg, layers, only, random_camera, where
from pspm.data.samples.sample_rng import Dice
from pspm.data.samples.samples import Batch

Change = Callable[[Tensor, Tensor, Tensor], Tensor]

FOREGROUND = 0.25
BOTH = 0.25
WHOLE = 0.1

# Each change takes images, a strength in [0, 1) for each, and normal noise of the images' shape.
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
    """How often a change is linear, nonlinear or region-wise."""

    linear: float
    nonlinear: float
    region: float


LAYER_SHARES = Shares(0.8, 0.1, 0.1)
WHOLE_SHARES = Shares(0.2, 0.4, 0.4)


class StrongPicture(NamedTuple):
    """relabel: (N,) bool, where a change broke the matting equation and the truth is no longer quite true."""

    picture: Picture
    relabel: Tensor


def render_strongly(batch: Batch) -> StrongPicture:
    """AF, AFB and AC: a quarter of a batch gets another foreground, a quarter both layers, a tenth of the rest AC.

    A photograph has no layers of its own; it only takes part in AC.
    """
    dice = Dice(batch.dice, batch.seed)
    drawn = layers(batch, dice)
    draw = dice.uniform(0, 1)
    foreground = drawn.composite & (draw < FOREGROUND + BOTH)
    background = drawn.composite & (draw >= FOREGROUND) & (draw < FOREGROUND + BOTH)
    whole = ~foreground & (dice.uniform(0, 1) < WHOLE)
    changed = drawn._replace(
        foreground=where(foreground, change(drawn.foreground, dice, LAYER_SHARES)[0], drawn.foreground),
        background=where(background, change(drawn.background, dice, LAYER_SHARES)[0], drawn.background),
    )
    image = compose(changed)
    other, broken = change(image, dice, WHOLE_SHARES)
    image = random_camera(where(whole, other, image), dice)
    return StrongPicture(Picture(image, drawn.alpha, batch.trusted.float()), whole & broken)


def change(image: Tensor, dice: Dice, shares: Shares) -> tuple[Tensor, Tensor]:
    """One change of each image, drawn by the shares, and whether it was other than linear, (N,) bool."""
    group = dice.uniform(0, 1)
    member, strength = dice.uniform(0, 1), dice.uniform(0, 1)[:, None, None, None]
    noise = dice.noise(image)
    original, low = image, torch.zeros_like(group)
    for changes, share in zip((LINEAR, NONLINEAR, REGION), shares, strict=True):
        mine = (group >= low) & (group < low + share)
        choice = (member * len(changes)).long()
        for i, one in enumerate(changes):
            image = only(
                mine & (choice == i), image, lambda _, x, s, n, one=one: one(x, s, n), original, strength, noise
            )
        low = low + share
    return image.clamp(0, 1), group >= shares.linear
