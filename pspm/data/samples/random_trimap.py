"""Random trimaps of true mattes, of every kind that people and networks draw: for networks that are to take any.

- dilated: the soft pixels, dilated by 1 to 60 pixels, more or less into the foreground than into the background;
- painted: the same, with random strokes along the edge;
- guessed: from a matte as a first network predicts it, coarse and a little off, so that known pixels can be wrong;
- box: everything unknown inside a box around the foreground, with or without a known part within;
- scribbles: everything unknown but a few strokes.
"""

import cv2
import numpy as np
import torch
from torch import Tensor

SOFT = (0.02, 0.98)
KINDS = ("dilated", "painted", "guessed", "box", "scribbles")
SHARES = (0.5, 0.15, 0.2, 0.05, 0.1)
# Of dilations and strokes, in pixels.
RADII = (1.0, 60.0)
GUESSED_RADII = (3.0, 25.0)
# A first network's matte has one cell for this many pixels, and is off by up to this share of a cell.
GUESSED_CELLS = (3, 10)
GUESSED_SHIFT = 0.5
# Width of a scribble, and its distance from the edge of its region, in pixels.
SCRIBBLE_WIDTHS = (3, 20)
SCRIBBLE_DISTANCE = 4.0


def random_trimaps(alpha: Tensor, seeds: Tensor) -> Tensor:
    """Draw a trimap for each true matte, (N, 1, H, W) in [0, 1]: -1 background, 0 unknown, 1 foreground.

    seeds: (N,) int64. A trimap depends only on its matte and its seed.
    """
    mattes = alpha[:, 0].float().cpu().numpy()
    trimaps = [random_trimap(matte, seed) for matte, seed in zip(mattes, seeds.tolist(), strict=True)]
    return torch.from_numpy(np.stack(trimaps))[:, None].to(alpha.device)


def random_trimap(alpha: np.ndarray, seed: int) -> np.ndarray:
    """Draw a trimap for a true matte, (H, W) float32 in [0, 1]. Returns float32 (H, W) of -1, 0, 1."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(KINDS, p=SHARES)
    if kind == "guessed":
        return _dilated(_guess(rng, alpha), _radius(rng, GUESSED_RADII), _radius(rng, GUESSED_RADII))
    if kind == "box":
        return _box(rng, alpha)
    if kind == "scribbles":
        return _scribbles(rng, alpha)
    outwards = _radius(rng, RADII)
    inwards = outwards if rng.random() < 0.6 else _radius(rng, RADII)
    trimap = _dilated(alpha, outwards, inwards)
    return _paint(rng, alpha, trimap) if kind == "painted" else trimap


def _radius(rng: np.random.Generator, radii: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(*np.log(radii))))


def _soft(alpha: np.ndarray) -> np.ndarray:
    return (alpha > SOFT[0]) & (alpha < SOFT[1])


def _distance(mask: np.ndarray) -> np.ndarray:
    """Distance of each pixel to the nearest one where the mask is True, in pixels; the mask has one."""
    return cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)


def _dilated(alpha: np.ndarray, outwards: float, inwards: float) -> np.ndarray:
    """Unknown within a distance of the soft pixels or of a hard edge: `outwards` of the foreground, or `inwards`."""
    foreground = alpha > 0.5
    edge = _soft(alpha) | _edge(foreground)
    known = np.where(foreground, np.float32(1), np.float32(-1))
    if not edge.any():
        return known
    reach = np.where(foreground, np.float32(inwards), np.float32(outwards))
    return np.where(_distance(edge) <= reach, np.float32(0), known)


def _edge(mask: np.ndarray) -> np.ndarray:
    """Pixels on the inner side of a mask's edge."""
    mask = mask.astype(np.uint8)
    return (mask - cv2.erode(mask, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_REPLICATE)).astype(bool)


def _guess(rng: np.random.Generator, alpha: np.ndarray) -> np.ndarray:
    """The matte as a first network may predict it: at a coarse resolution, shifted a little from place to place."""
    height, width = alpha.shape
    cell = int(rng.integers(*GUESSED_CELLS, endpoint=True))
    coarse = cv2.resize(alpha, (max(2, width // cell), max(2, height // cell)), interpolation=cv2.INTER_AREA)
    coarse = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    shift = GUESSED_SHIFT * cell
    waves = rng.uniform(-shift, shift, (2, 4, 4)).astype(np.float32)
    across, down = (cv2.resize(wave, (width, height), interpolation=cv2.INTER_CUBIC) for wave in waves)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    warped = cv2.remap(coarse, x + across, y + down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    # A network's soft edges are steeper than those of a picture at its resolution, and thin strands get lost.
    steep = rng.uniform(1, 3)
    return np.clip((warped - 0.5) * steep + 0.5, 0, 1)


def _paint(rng: np.random.Generator, alpha: np.ndarray, trimap: np.ndarray) -> np.ndarray:
    """Make the trimap unknown along random strokes that start at soft pixels."""
    soft = np.flatnonzero(_soft(alpha))
    unknown = (trimap == 0).astype(np.uint8)
    height, width = alpha.shape
    for _ in range(int(rng.integers(1, 5)) if len(soft) else 0):
        start, end = (divmod(int(soft[rng.integers(len(soft))]), width)[::-1] for _ in range(2))
        reach = max(height, width) / 4
        end = tuple(int(a + np.clip(b - a, -reach, reach)) for a, b in zip(start, end, strict=True))
        cv2.line(unknown, start, end, 1, thickness=int(2 * _radius(rng, (3.0, 40.0))))
    return np.where(unknown > 0, np.float32(0), trimap)


def _box(rng: np.random.Generator, alpha: np.ndarray) -> np.ndarray:
    """Unknown in a box around the foreground; half of the boxes have a known part far from the edge."""
    height, width = alpha.shape
    rows, columns = (np.flatnonzero((alpha > SOFT[0]).any(axis)) for axis in (1, 0))
    if not len(rows):
        return np.full(alpha.shape, -1, np.float32)
    margin = _radius(rng, (2.0, 40.0))
    y, x = np.mgrid[:height, :width]
    inside = (
        (y >= rows[0] - margin) & (y <= rows[-1] + margin) & (x >= columns[0] - margin) & (x <= columns[-1] + margin)
    )
    trimap = np.where(inside, np.float32(0), np.float32(-1))
    certain = alpha >= SOFT[1]
    if rng.random() < 0.5 and not certain.all():
        trimap[_distance(~certain) > _radius(rng, (5.0, 60.0))] = 1
    return trimap


def _scribbles(rng: np.random.Generator, alpha: np.ndarray) -> np.ndarray:
    """Unknown but for one to four strokes in the foreground, and as many in the background."""
    trimap = np.zeros(alpha.shape, np.float32)
    width = alpha.shape[1]
    for value, region in ((1, alpha >= SOFT[1]), (-1, alpha <= SOFT[0])):
        far = region if region.all() else _distance(~region) > SCRIBBLE_DISTANCE
        inside = np.flatnonzero(far)
        if not len(inside):
            continue
        strokes = np.zeros(alpha.shape, np.uint8)
        for _ in range(int(rng.integers(1, 5))):
            start, end = (divmod(int(inside[rng.integers(len(inside))]), width)[::-1] for _ in range(2))
            cv2.line(strokes, start, end, 1, thickness=int(rng.integers(*SCRIBBLE_WIDTHS)))
        trimap[(strokes > 0) & far] = value
    return trimap
