"""Random square crops of an image and of its matte."""

import cv2
import numpy as np

from pspm.data.samples.sample_options import CROP_SIDES

ZOOM = (0.75, 1.9)
MAX_ROTATION = np.deg2rad(12)
# The augmentation that sec. 4.6 and 5.5.1 take from GCA matting (Li and Lu, 2020).
RESIZED_SIDE, RESIZED_SHARE = 640, 0.25
AFFINE_ROTATION, AFFINE_SHEAR = np.deg2rad(30), np.deg2rad(10)
AFFINE_ZOOM = (0.8, 1.25)
# How far a crop may move off its soft pixel to stay in the image, as a share of its side: the pixel stays inside even
# if the crop is rotated.
MAX_MOVE = 0.3


def random_crop(
    rng: np.random.Generator,
    images: list[np.ndarray],
    size: int,
    border: int,
    zoom: tuple[float, float] = ZOOM,
) -> list[np.ndarray]:
    """Crop all images alike to (size, size): randomly zoomed, rotated, squeezed and mirrored.

    The short side of the images becomes `zoom` times `size`. border: OpenCV's border mode beyond the edge.
    """
    height, width = images[0].shape[:2]
    scale = size / min(height, width) * np.exp(rng.uniform(*np.log(zoom)))
    squeeze = np.exp(rng.uniform(-0.1, 0.1))
    angle = rng.uniform(-MAX_ROTATION, MAX_ROTATION) * (rng.random() < 0.5)
    mirror = rng.choice([-1, 1])
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = rotation @ np.diag([mirror * scale * squeeze, scale])
    slack = np.maximum(0, np.array([width, height]) - 0.9 * size / scale)
    centre = np.array([width, height]) / 2 + rng.uniform(-0.5, 0.5, 2) * slack
    affine = np.column_stack([matrix, size / 2 - matrix @ centre])
    return _warp(images, affine, scale, size, border)


def crop_around_unknown(
    rng: np.random.Generator,
    image: np.ndarray,
    alpha: np.ndarray,
    size: int,
    border: int,
    sides: tuple[float, ...] = CROP_SIDES,
) -> list[np.ndarray]:
    """Crop around a random pixel where alpha is soft; mirrored or not (thesis sec. 3.6.1).

    image: (H, W, 3); alpha: (H, W). The crop has one of `sides` times `size` and is resized to (size, size). It is
    moved into the image if it would cross the border, and is no larger than the short side of the image. If no pixel
    is soft, crops around any pixel.
    """
    height, width = alpha.shape
    soft = np.flatnonzero((alpha > 0) & (alpha < 255))
    y, x = divmod(int(soft[rng.integers(len(soft))] if len(soft) else rng.integers(alpha.size)), width)
    side = min(size * rng.choice(sides), height, width)
    corner = np.clip(np.floor([x + 0.5 - side / 2, y + 0.5 - side / 2]), 0, [width - side, height - side])
    scale = size / side
    matrix = np.diag([scale * rng.choice([-1, 1]), scale])
    # OpenCV puts the origin at the centre of the first pixel. With this offset a mirrored crop covers the same pixels,
    # and a crop of side `size` is not interpolated.
    middle = corner + side / 2 - 0.5
    affine = np.column_stack([matrix, size / 2 - 0.5 - matrix @ middle])
    return _warp([image, alpha], affine, scale, size, border)


def affine_crop_around_unknown(
    rng: np.random.Generator, image: np.ndarray, alpha: np.ndarray, size: int, border: int
) -> list[np.ndarray]:
    """Crop (size, size) around a random soft pixel, resized and transformed as in thesis sec. 4.6.

    A quarter of the images is first resized to 640 x 640 pixels, whatever their shape. Then they are rotated by up to
    30 degrees, sheared by up to 10, zoomed by 0.8 to 1.25 and mirrored or not. Images smaller than the crop are
    enlarged. One interpolation does everything. If no pixel is soft, crops around any pixel.

    image: (H, W, 3); alpha: (H, W). border: OpenCV's border mode beyond the edge.
    """
    height, width = alpha.shape
    soft = np.flatnonzero((alpha > 0) & (alpha < 255))
    y, x = divmod(int(soft[rng.integers(len(soft))] if len(soft) else rng.integers(alpha.size)), width)
    resize = np.array([RESIZED_SIDE / width, RESIZED_SIDE / height]) if rng.random() < RESIZED_SHARE else np.ones(2)
    resize *= max(1, size / (resize * [width, height]).min())
    angle, shear = rng.uniform(-AFFINE_ROTATION, AFFINE_ROTATION), rng.uniform(-AFFINE_SHEAR, AFFINE_SHEAR)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    zoom = np.exp(rng.uniform(*np.log(AFFINE_ZOOM)))
    mirror = np.diag([rng.choice([-1, 1]), 1])
    matrix = zoom * rotation @ np.array([[1, np.tan(shear)], [0, 1]]) @ mirror @ np.diag(resize)
    sides = size / (zoom * resize)
    point, edge = np.array([x + 0.5, y + 0.5]), np.array([width, height])
    margin = np.minimum(sides, edge) / 2
    move = np.clip(np.clip(point, margin, edge - margin) - point, -MAX_MOVE * sides, MAX_MOVE * sides)
    # Whole pixels, so that a crop without a transformation is not interpolated.
    centre = np.floor(point + move)
    # OpenCV puts the origin at the centre of the first pixel.
    affine = np.column_stack([matrix, size / 2 - 0.5 - matrix @ (centre - 0.5)])
    return _warp([image, alpha], affine, float((zoom * resize).min()), size, border)


def turn(rng: np.random.Generator, images: list[np.ndarray], border: int) -> list[np.ndarray]:
    """Turn square images alike about their centre: as likely as not by 90, 180 or 270 degrees, else by any angle.

    Turns by any angle are zoomed in, so that less lies beyond the edge. border: OpenCV's border mode there.
    """
    if rng.random() < 0.5:
        quarters = int(rng.integers(1, 4))
        return [np.ascontiguousarray(np.rot90(image, quarters)) for image in images]
    size = images[0].shape[0]
    affine = cv2.getRotationMatrix2D(((size - 1) / 2, (size - 1) / 2), rng.uniform(-180, 180), 1.2)
    return _warp(images, affine, 1, size, border)


def _warp(images: list[np.ndarray], affine: np.ndarray, scale: float, size: int, border: int) -> list[np.ndarray]:
    if scale < 1:
        # Blur before downscaling, against aliasing.
        sigma = 0.4 / scale
        images = [cv2.GaussianBlur(image, (0, 0), sigma) for image in images]
    return [cv2.warpAffine(image, affine, (size, size), flags=cv2.INTER_LINEAR, borderMode=border) for image in images]
