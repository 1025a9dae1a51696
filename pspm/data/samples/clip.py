"""Clips for training: a sample of `TrainingDataset` whose person and background move from frame to frame.

The frames of a clip follow one another as items of the dataset, so a batch of clips is a `Batch` like any other. All
frames of a clip have the same random numbers, so the same colours and camera; the noise differs.
"""

from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor

from pspm.data.samples.batch import Batch
from pspm.data.samples.dataset import TrainingDataset

# Samples are made so many times as large as the frames, which leaves room to move.
ROOM = 1.125
# Motion from frame to frame: of the crop's side, drawn as its logarithm; of degrees, and of the scale, the deviation.
STEP = (1 / 500, 1 / 20)
ANGLE, SCALE = 0.4, 0.004
# Share of the clips with a person, and of those with a background, that stand still.
STILL = 0.3
# Share of the clips with motion blur, and the times at which a blurred frame is exposed, in frames.
BLURRED, EXPOSURE = 0.4, (-0.25, -0.125, 0, 0.125, 0.25)
# The deviation of the exposure's drift from frame to frame.
DRIFT = 0.015


class Motion(NamedTuple):
    """Steady motion, from frame to frame: by (x, y) pixels, turned by degrees, scaled by a factor."""

    x: float
    y: float
    angle: float
    scale: float

    def before(self, time: float, size: int, crop: int) -> np.ndarray:
        """Where the pixels of the crop were a frame before, affine, (2, 3)."""
        there = self.matrix(time - 1, size, crop)
        back: np.ndarray = cv2.invertAffineTransform(self.matrix(time, size, crop))
        return there @ np.vstack([back, [0, 0, 1]])

    def matrix(self, time: float, size: int, crop: int) -> np.ndarray:
        """The affine transform, (2, 3), of a square picture of `size` to its middle crop at a time in frames."""
        middle = (size - 1) / 2
        matrix = np.array(cv2.getRotationMatrix2D((middle, middle), self.angle * time, self.scale**time), np.float64)
        matrix[:, 2] += np.array([self.x, self.y]) * time - (size - crop) / 2
        return matrix


class ClipDataset(TrainingDataset):
    """Random clips for training. Item (crop, index) is a frame: of clip index // frames, frame index % frames.

    frames: of each clip. Everything else is as in `TrainingDataset`, of which a clip moves a sample.
    """

    frames: int
    _last: tuple[tuple[int, int], Batch] | None = None

    def __getitem__(self, crop_and_index: tuple[int, int]) -> Batch:
        crop, index = crop_and_index
        number, frame = divmod(index, self.frames)
        sample = self._sample(round(crop * ROOM), number)
        rng = np.random.default_rng((self.seed, number, self.frames))
        person, behind = (_motion(rng, crop) for _ in range(2))
        blurred, drift = rng.random() < BLURRED, rng.normal(0, DRIFT)
        time = frame - (self.frames - 1) / 2
        times = [time + moment for moment in (EXPOSURE if blurred else (0,))]
        gain = (1 + drift) ** time
        foreground, alpha, trusted = _moved_person(sample, person, times, crop)
        background = foreground
        if sample.composite:
            background = _exposed(_moved(_array(sample.background), behind, times, crop), gain)
        return Batch(
            foreground=_tensor(_exposed(foreground, gain)),
            background=_tensor(background),
            alpha=_tensor(alpha),
            trusted=_tensor(trusted),
            composite=sample.composite,
            numbers=sample.numbers,
            seed=sample.seed + frame,
            motion=torch.from_numpy(person.before(time, sample.alpha.shape[-1], crop)).float(),
        )

    def _sample(self, size: int, number: int) -> Batch:
        """The sample of a clip. A worker makes the frames of a clip one after the other, so the last one is kept."""
        if self._last is None or self._last[0] != (size, number):
            self._last = (size, number), super().__getitem__((size, number))
        return self._last[1]


def _motion(rng: np.random.Generator, crop: int) -> Motion:
    if rng.random() < STILL:
        return Motion(0, 0, 0, 1)
    step = crop * np.exp(rng.uniform(*np.log(STEP)))
    direction = rng.uniform(0, 2 * np.pi)
    return Motion(
        step * np.cos(direction), step * np.sin(direction), rng.normal(0, ANGLE), float(np.exp(rng.normal(0, SCALE)))
    )


def _moved_person(
    sample: Batch, motion: Motion, times: list[float], crop: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Colours (S, S, 3), alpha (S, S) and trusted pixels (S, S) of the person of a composite, or of a whole photo."""
    colours, alpha, trusted = (_array(x) for x in (sample.foreground, sample.alpha, sample.trusted))
    moved_alpha = _moved(alpha, motion, times, crop)
    trusted = cv2.erode(_moved(trusted * np.uint8(255), motion, times, crop), np.ones((3, 3), np.uint8))
    if sample.composite and len(times) > 1:  # each exposure adds its own share of the person
        opaque = np.maximum(alpha, 1)[..., None].astype(np.float32) / 255
        premultiplied = _moved(colours * opaque, motion, times, crop)
        share = _moved(opaque[..., 0], motion, times, crop)[..., None]
        moved = np.clip(premultiplied / np.maximum(share, 1 / 512), 0, 255).astype(np.uint8)
    else:
        moved = _moved(colours, motion, times, crop)
    return moved, moved_alpha, (trusted == 255).astype(np.uint8)


def _moved(plane: np.ndarray, motion: Motion, times: list[float], crop: int) -> np.ndarray:
    """A picture, (H, W) or (H, W, 3), at some times, averaged, cropped: of the same type."""
    exposures = [
        cv2.warpAffine(
            plane, motion.matrix(time, len(plane), crop), (crop, crop), flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
        for time in times
    ]  # fmt: skip
    if len(exposures) == 1:
        return exposures[0]
    mean = np.asarray(np.mean(exposures, 0, dtype=np.float32))
    return mean if plane.dtype == np.float32 else np.rint(mean).astype(plane.dtype)


def _exposed(pixels: np.ndarray, gain: float) -> np.ndarray:
    return np.clip(np.rint(pixels * np.float32(gain)), 0, 255).astype(np.uint8)


def _array(x: Tensor) -> np.ndarray:
    """A plane of a sample, (C, H, W), as OpenCV has it."""
    pixels = x.numpy()
    return pixels[0] if len(pixels) == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0))


def _tensor(pixels: np.ndarray) -> Tensor:
    return torch.from_numpy(pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1)))
