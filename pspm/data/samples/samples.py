"""Training samples: photographs, composites, photographs with hard masks and pictures without a person."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from pspm.data.folders.pairs import Pair, read_rgb
from pspm.data.folders.sources import Sources
from pspm.data.samples.combine import combine
from pspm.data.samples.held_objects import hold, leave
from pspm.data.samples.random_crop import random_view, view_around_unknown
from pspm.data.samples.sample_rng import throw

# Hard masks are off by a few pixels, and say nothing of hair: near their edge they are not believed.
MASK_DOUBT = 1 / 25


class Mixture(NamedTuple):
    """How many of the samples are what; what is missing from the sources goes to the others in proportion.

    combined: two cut-outs over one another, before a background.
    """

    photos: float = 0.28
    recomposited: float = 0.12
    cutouts: float = 0.45
    masks: float = 0.10
    empty: float = 0.05
    combined: float = 0


class Batch(NamedTuple):
    """Pictures as they were decoded, all uint8, before composition and colour; see `augment.render`.

    foreground, background: (N, 3, H, W) RGB; alpha: (N, 1, H, W); trusted: (N, 1, H, W), 1 where alpha may be believed;
    composite: (N,) bool, whether the foreground goes over the background or is a whole photograph; dice: (N, SIDES);
    seed: (N,) int64.
    """

    foreground: Tensor
    background: Tensor
    alpha: Tensor
    trusted: Tensor
    composite: Tensor
    dice: Tensor
    seed: Tensor


class Samples(Dataset[Batch]):
    """Sample (crop, index) is the same whenever it is drawn with the same seed; its `Batch` has no N yet.

    around_unknown: show people around a pixel where their matte is soft, as a network that is given a trimap wants it.
    things: share of the people that hold an object, and of backgrounds with one (see `pspm.data.samples.held_objects`).
    """

    def __init__(
        self, sources: Sources, mixture: Mixture, seed: int, *, around_unknown: bool = False, things: float = 0
    ) -> None:
        self.sources, self.seed, self.around_unknown = sources, seed, around_unknown
        self.things = things if sources.backgrounds else 0
        self.decoded_pairs: dict[Pair, tuple[np.ndarray, np.ndarray]] = {}
        self.decoded_backgrounds: dict[Path, np.ndarray] = {}
        there = {
            "photos": bool(sources.photos),
            "recomposited": bool(sources.photos and sources.backgrounds),
            "cutouts": bool(sources.cutouts and sources.backgrounds),
            "masks": bool(sources.masks),
            "empty": bool(sources.backgrounds),
            "combined": bool(sources.cutouts and sources.backgrounds),
        }
        self.kinds = [kind for kind in Mixture._fields if there[kind] and getattr(mixture, kind) > 0]
        shares = np.array([getattr(mixture, kind) for kind in self.kinds])
        self.shares = shares / shares.sum()

    def decode(self) -> None:
        """Decode every picture now and keep it, 3 or 4 bytes a pixel, for this process and those that it forks."""
        pairs = (*self.sources.photos, *self.sources.cutouts, *self.sources.masks)
        with ThreadPoolExecutor() as pool:
            self.decoded_pairs.update(zip(pairs, pool.map(Pair.read, pairs), strict=True))
            pictures = pool.map(read_rgb, self.sources.backgrounds)
            self.decoded_backgrounds.update(zip(self.sources.backgrounds, pictures, strict=True))

    def __getitem__(self, crop_and_index: tuple[int, int]) -> Batch:
        crop, index = crop_and_index
        cv2.setNumThreads(0)
        rng = np.random.default_rng((self.seed, index))
        kind = rng.choice(self.kinds, p=self.shares)
        composite = kind in ("recomposited", "cutouts", "combined")
        background = self._background(rng, crop) if composite or kind == "empty" else None
        if kind == "empty":
            assert background is not None
            foreground, alpha = background, np.zeros((crop, crop), np.uint8)
        elif kind == "cutouts":
            foreground, alpha = self._view(rng, self.sources.cutouts, crop, cv2.BORDER_REPLICATE)
        elif kind == "combined":
            front, back = (self._view(rng, self.sources.cutouts, crop, cv2.BORDER_REPLICATE) for _ in range(2))
            foreground, alpha = combine(front, back)
        elif kind == "masks":
            foreground, mask = self._view(rng, self.sources.masks, crop, cv2.BORDER_REFLECT)
            alpha = np.where(mask > 127, 255, 0).astype(np.uint8)
        else:
            foreground, alpha = self._view(rng, self.sources.photos, crop, cv2.BORDER_REFLECT)
        if self._with_thing(rng):
            foreground, alpha = hold(rng, foreground, alpha, self._texture(rng, crop), cutout=composite)
        trusted = far_from_edge(alpha) if kind == "masks" else np.ones((crop, crop), np.uint8)
        seed = int(rng.integers(2**62))
        return Batch(
            foreground=torch.from_numpy(foreground).permute(2, 0, 1),
            background=torch.from_numpy(foreground if background is None else background).permute(2, 0, 1),
            alpha=torch.from_numpy(alpha)[None],
            trusted=torch.from_numpy(trusted)[None],
            composite=torch.tensor(composite),
            dice=throw(seed),
            seed=torch.tensor(seed),
        )

    def _view(
        self, rng: np.random.Generator, pairs: tuple[Pair, ...], crop: int, border: int
    ) -> tuple[np.ndarray, np.ndarray]:
        pair = pairs[rng.integers(len(pairs))]
        image, alpha = self.decoded_pairs.get(pair) or pair.read()
        if self.around_unknown:
            image, alpha = view_around_unknown(rng, image, alpha, crop, border)
        else:
            image, alpha = random_view(rng, [image, alpha], crop, border)
        return image, alpha

    def _background(self, rng: np.random.Generator, crop: int) -> np.ndarray:
        picture = self._texture(rng, crop)
        return leave(rng, picture, self._texture(rng, crop)) if self._with_thing(rng) else picture

    def _with_thing(self, rng: np.random.Generator) -> bool:
        return self.things > 0 and rng.random() < self.things

    def _texture(self, rng: np.random.Generator, crop: int) -> np.ndarray:
        path = self.sources.backgrounds[rng.integers(len(self.sources.backgrounds))]
        whole = self.decoded_backgrounds[path] if path in self.decoded_backgrounds else read_rgb(path)
        (picture,) = random_view(rng, [whole], crop, cv2.BORDER_REFLECT)
        return cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 6)) if rng.random() < 0.5 else picture


def far_from_edge(mask: np.ndarray) -> np.ndarray:
    """1 where a hard mask, (H, W) uint8, has no edge within `MASK_DOUBT` of the height, else 0."""
    side = 2 * round(mask.shape[0] * MASK_DOUBT / 2) + 1
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return (cv2.dilate(mask, around) == cv2.erode(mask, around)).astype(np.uint8)
