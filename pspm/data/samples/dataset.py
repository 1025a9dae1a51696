"""The training dataset: photos, composites, photos with hard masks, and images without a person."""

import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset

from pspm.data.folders.pairs import Pair, read_rgb
from pspm.data.folders.sources import Sources
from pspm.data.samples.batch import Batch
from pspm.data.samples.combine_cutouts import combine_cutouts
from pspm.data.samples.held_objects import add_background_object, add_held_object
from pspm.data.samples.random_crop import ZOOM, affine_crop_around_unknown, crop_around_unknown, random_crop, turn
from pspm.data.samples.sample_options import CROP_SIDES, Mixture
from pspm.data.samples.sample_rng import draw_numbers
from pspm.data.samples.scene import COUNTS, random_scene

# Zoom of backgrounds behind crops around the unknown region, which show a part of a picture.
NEAR_ZOOM = (0.75, 4.0)
# Width of the untrusted band along the edge of a hard mask / image height: masks are off by a few pixels and lack hair.
UNTRUSTED_BAND = 1 / 25


class TrainingDataset(Dataset[Batch]):
    """Random training samples. Item (crop, index) depends only on the seed; it is a `Batch` without the dimension N.

    around_unknown: crop around a soft pixel of the matte, for trimap-based networks. affine: transform these crops as
        chapters 4 and 5 do (`pspm.data.samples.random_crop.affine_crop_around_unknown`). crop_sides: sides of the other
        crops around soft pixels, as multiples of the output size.
    turned: share of the pictures that are turned, half of these by 90, 180 or 270 degrees and half by any angle.
    balanced: draw as often from a source of cut-outs as the root of its size (`source_shares`), not its size.
    held_objects: share of people that hold an object, and of backgrounds with one (`pspm.data.samples.held_objects`).
    """

    def __init__(
        self,
        sources: Sources,
        mixture: Mixture,
        seed: int,
        *,
        around_unknown: bool = False,
        affine: bool = False,
        crop_sides: tuple[float, ...] = CROP_SIDES,
        held_objects: float = 0,
        turned: float = 0,
        balanced: bool = False,
    ) -> None:
        self.sources, self.seed, self.around_unknown, self.affine = sources, seed, around_unknown, affine
        self.crop_sides, self.turned = crop_sides, turned
        self.cutout_shares = source_shares(sources.cutouts) if balanced else None
        # Only other crops than the thesis's change the backgrounds too.
        self.background_zoom = ZOOM if crop_sides == CROP_SIDES else NEAR_ZOOM
        self.held_objects = held_objects if sources.backgrounds else 0
        self.decoded_pairs: dict[Pair, tuple[np.ndarray, np.ndarray]] = {}
        self.decoded_backgrounds: dict[Path, np.ndarray] = {}
        available = {
            "photos": bool(sources.photos),
            "recomposited": bool(sources.photos and sources.backgrounds),
            "cutouts": bool(sources.cutouts and sources.backgrounds),
            "masks": bool(sources.masks),
            "empty": bool(sources.backgrounds),
            "combined": bool(sources.cutouts and sources.backgrounds),
            "scenes": bool((sources.cutouts or sources.photos) and sources.backgrounds),
        }
        self.kinds = [kind for kind in Mixture._fields if available[kind] and getattr(mixture, kind) > 0]
        shares = np.array([getattr(mixture, kind) for kind in self.kinds])
        self.shares = shares / shares.sum()

    def decode(self) -> None:
        """Decode all images now and keep them, 3 or 4 bytes per pixel, for this process and the ones it forks."""
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
        composite = kind in ("recomposited", "cutouts", "combined", "scenes")
        background = self._background(rng, crop) if composite or kind == "empty" else None
        if kind == "empty":
            assert background is not None
            foreground, alpha = background, np.zeros((crop, crop), np.uint8)
        elif kind == "cutouts":
            foreground, alpha = self._crop(rng, self.sources.cutouts, crop, cv2.BORDER_REPLICATE)
        elif kind == "combined":
            front, back = (self._crop(rng, self.sources.cutouts, crop, cv2.BORDER_REPLICATE) for _ in range(2))
            foreground, alpha = combine_cutouts(front, back)
        elif kind == "scenes":
            foreground, alpha = random_scene(rng, self._people(rng), crop)
        elif kind == "masks":
            foreground, mask = self._crop(rng, self.sources.masks, crop, cv2.BORDER_REFLECT)
            alpha = np.where(mask > 127, 255, 0).astype(np.uint8)
        else:
            foreground, alpha = self._crop(rng, self.sources.photos, crop, cv2.BORDER_REFLECT)
        if self._draws_object(rng):
            foreground, alpha = add_held_object(rng, foreground, alpha, self._texture(rng, crop), cutout=composite)
        trusted = far_from_edge(alpha) if kind == "masks" else np.ones((crop, crop), np.uint8)
        if self.turned and rng.random() < self.turned:
            border = cv2.BORDER_REPLICATE if composite else cv2.BORDER_REFLECT
            foreground, alpha, trusted = turn(rng, [foreground, alpha, trusted], border)
            if kind == "empty":
                background = foreground
        seed = int(rng.integers(2**62))
        return Batch(
            foreground=torch.from_numpy(foreground).permute(2, 0, 1),
            background=torch.from_numpy(foreground if background is None else background).permute(2, 0, 1),
            alpha=torch.from_numpy(alpha)[None],
            trusted=torch.from_numpy(trusted)[None],
            composite=torch.tensor(composite),
            numbers=draw_numbers(seed),
            seed=torch.tensor(seed),
        )

    def _crop(
        self, rng: np.random.Generator, pairs: tuple[Pair, ...], crop: int, border: int
    ) -> tuple[np.ndarray, np.ndarray]:
        image, alpha = self._draw(rng, pairs)
        if self.around_unknown and self.affine:
            image, alpha = affine_crop_around_unknown(rng, image, alpha, crop, border)
        elif self.around_unknown:
            image, alpha = crop_around_unknown(rng, image, alpha, crop, border, self.crop_sides)
        else:
            image, alpha = random_crop(rng, [image, alpha], crop, border)
        return image, alpha

    def _people(self, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
        """Random people for a scene: cut-outs, and the persons of photos, as many of one as of the other."""
        kinds = [pairs for pairs in (self.sources.cutouts, self.sources.photos) if pairs]
        chosen = [kinds[rng.integers(len(kinds))] for _ in range(rng.choice(COUNTS))]
        return [self._draw(rng, pairs) for pairs in chosen]

    def _draw(self, rng: np.random.Generator, pairs: tuple[Pair, ...]) -> tuple[np.ndarray, np.ndarray]:
        if self.cutout_shares is not None and pairs is self.sources.cutouts:
            pair = pairs[rng.choice(len(pairs), p=self.cutout_shares)]
        else:
            pair = pairs[rng.integers(len(pairs))]
        return self.decoded_pairs.get(pair) or pair.read()

    def _background(self, rng: np.random.Generator, crop: int) -> np.ndarray:
        image = self._texture(rng, crop)
        return add_background_object(rng, image, self._texture(rng, crop)) if self._draws_object(rng) else image

    def _draws_object(self, rng: np.random.Generator) -> bool:
        return self.held_objects > 0 and rng.random() < self.held_objects

    def _texture(self, rng: np.random.Generator, crop: int) -> np.ndarray:
        """Crop a random background; half of them are blurred."""
        path = self.sources.backgrounds[rng.integers(len(self.sources.backgrounds))]
        whole = self.decoded_backgrounds[path] if path in self.decoded_backgrounds else read_rgb(path)
        (image,) = random_crop(rng, [whole], crop, cv2.BORDER_REFLECT, self.background_zoom)
        return cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 6)) if rng.random() < 0.5 else image


def source_shares(pairs: Sequence[Pair]) -> np.ndarray:
    """The probability of each pair, (N,), with which a source is drawn as often as the root of its size.

    A source is the pictures whose names begin with the same letters. Many pictures of one source are much alike.
    """
    sources = [re.match("[^0-9]*", pair.image.stem).group() for pair in pairs]  # type: ignore[union-attr]
    sizes = Counter(sources)
    weights = np.array([sizes[source] ** -0.5 for source in sources])
    return weights / weights.sum()


def far_from_edge(mask: np.ndarray) -> np.ndarray:
    """Mark with 1 the pixels of a hard mask, (H, W) uint8, without an edge within `UNTRUSTED_BAND` of the height."""
    side = 2 * round(mask.shape[0] * UNTRUSTED_BAND / 2) + 1
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return (cv2.dilate(mask, around) == cv2.erode(mask, around)).astype(np.uint8)
