"""Rooms with boxes and balls, rendered by casting a ray through each pixel: pictures with exact depths.

A camera stands in a room and looks along it. Light falls from a lamp, with shade by Lambert's law and without shadows.
Surfaces have plain, striped, chequered or cloudy textures. All lengths are metres.
"""

from typing import NamedTuple

import cv2
import numpy as np

from pspm.tasks.pictures.augment import Labelled

# Of the camera: the ratio of focal length to the picture's width (53 degrees across).
FOCAL = 1.0
OBJECTS = (3, 8)
AMBIENT = 0.35
FAR = 1e6


class Hit(NamedTuple):
    """Where rays meet one surface: distance along each ray (`FAR` for none), normal and texture coordinates."""

    distance: np.ndarray
    normal: np.ndarray
    where: np.ndarray


class Texture(NamedTuple):
    """The look of a surface. kind: one of `KINDS`. colours: two, RGB in [0, 1]. period: in metres."""

    kind: str
    colours: np.ndarray
    period: float
    seed: int


KINDS = ("plain", "stripes", "chequers", "clouds")


def room(size: tuple[int, int], rng: np.random.Generator) -> Labelled:
    """Render a room of random size and content at (height, width). The labels are depths along the view, float32."""
    rays = directions(size, rng)
    half_width, height, length = rng.uniform(1.5, 3), rng.uniform(2.3, 3.2), rng.uniform(3, 9)
    eye = rng.uniform(1, 1.7)
    lamp = np.array([rng.uniform(-half_width, half_width) / 2, -(height - eye) * 0.9, rng.uniform(0.5, length - 1)])
    # x to the right, y down, z along the room; the camera is at the origin.
    low, high = np.array([-half_width, -(height - eye), -1.0]), np.array([half_width, eye, length])
    image = np.zeros((*rays.shape[:2], 3))
    nearest = np.full(rays.shape[:2], FAR)
    surfaces = [(walls(rays, low, high), random_texture(rng))]
    for _ in range(rng.integers(*OBJECTS, endpoint=True)):
        aside, depth = 0.9 * rng.uniform(-half_width, half_width), rng.uniform(1.2, length - 0.4)
        if rng.integers(2):
            radius = rng.uniform(0.15, 0.5)
            centre = np.array([aside, eye - radius * rng.uniform(1, 2.5), depth])
            surfaces.append((ball(rays, centre, radius), random_texture(rng)))
        else:
            width, tall, deep = rng.uniform(0.2, 1.0), rng.uniform(0.2, 1.6), rng.uniform(0.2, 0.8)
            turned = rng.uniform(0, np.pi / 2)
            middle = np.array([aside, eye - tall / 2, depth])
            surfaces.append((box(rays, middle, np.array([width, tall, deep]) / 2, turned), random_texture(rng)))
    for hit, texture in surfaces:
        closer = hit.distance < nearest
        nearest = np.where(closer, hit.distance, nearest)
        point = rays * np.minimum(hit.distance, FAR)[..., None]
        to_lamp = lamp - point
        to_lamp /= np.linalg.norm(to_lamp, axis=2, keepdims=True)
        light = AMBIENT + (1 - AMBIENT) * np.clip((to_lamp * hit.normal).sum(2), 0, 1)
        image[closer] = (painted(texture, hit.where) * light[..., None])[closer]
    # Every ray is one metre deep in the camera's own view, so a distance along it, in rays, is a depth.
    noise = rng.normal(0, 0.01, image.shape)
    return Labelled(np.rint((image + noise).clip(0, 1) * 255).astype(np.uint8), nearest.astype(np.float32))


def directions(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """The ray of each pixel, (H, W, 3), one metre deep, of a camera that looks a little down and to a side."""
    height, width = size
    y, x = np.mgrid[:height, :width]
    rays = np.stack([(x + 0.5 - width / 2), (y + 0.5 - height / 2), np.full(x.shape, FOCAL * width)], 2) / (
        FOCAL * width
    )
    down, aside = rng.uniform(-0.05, 0.25), rng.uniform(-0.3, 0.3)
    pitch = np.array([[1, 0, 0], [0, np.cos(down), np.sin(down)], [0, -np.sin(down), np.cos(down)]])
    yaw = np.array([[np.cos(aside), 0, np.sin(aside)], [0, 1, 0], [-np.sin(aside), 0, np.cos(aside)]])
    return rays @ (yaw @ pitch).T


def walls(rays: np.ndarray, low: np.ndarray, high: np.ndarray) -> Hit:
    """Where rays from inside a box leave it."""
    with np.errstate(divide="ignore"):
        distances = np.where(rays == 0, FAR, np.where(rays > 0, high, low) / rays)
    axis = distances.argmin(2)
    distance = distances.min(2)
    normal = -np.sign(np.take_along_axis(rays, axis[..., None], 2)) * np.eye(3)[axis]
    return Hit(distance, normal, on_plane(rays * distance[..., None], axis))


def box(rays: np.ndarray, centre: np.ndarray, half: np.ndarray, turned: float) -> Hit:
    """Where rays from outside meet a box that is turned about the vertical."""
    turn = np.array([[np.cos(turned), 0, np.sin(turned)], [0, 1, 0], [-np.sin(turned), 0, np.cos(turned)]])
    local, origin = rays @ turn.T, -centre @ turn.T
    with np.errstate(divide="ignore"):
        ends = (np.stack([-half, half])[:, None, None] - origin) / local
    enters, leaves = np.sort(ends, axis=0)
    axis = enters.argmax(2)
    distance, last = enters.max(2), leaves.min(2)
    distance = np.where((distance > 0) & (distance <= last), distance, FAR)
    normal = (-np.sign(np.take_along_axis(local, axis[..., None], 2)) * np.eye(3)[axis]) @ turn
    return Hit(distance, normal, on_plane(origin + local * distance[..., None], axis))


def ball(rays: np.ndarray, centre: np.ndarray, radius: float) -> Hit:
    """Where rays from outside meet a ball."""
    squared = (rays**2).sum(2)
    along = (rays @ centre) / squared
    inside = along**2 - (centre @ centre - radius**2) / squared
    distance = np.where(inside > 0, along - np.sqrt(inside.clip(0)), FAR)
    distance = np.where(distance > 0, distance, FAR)
    normal = (rays * distance[..., None] - centre) / radius
    normal = np.where(distance[..., None] < FAR, normal, 0)
    angles = np.arctan2(normal[..., 0], normal[..., 2]), np.arcsin(normal[..., 1].clip(-1, 1))
    return Hit(distance, normal, np.stack(angles, 2) * radius)


def on_plane(points: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """The two coordinates of points on planes across an axis, (H, W, 2)."""
    others = np.array([[1, 2], [0, 2], [0, 1]])[axis]
    return np.take_along_axis(points, others, 2)


def random_texture(rng: np.random.Generator) -> Texture:
    """A texture of two colours."""
    kind = KINDS[rng.integers(len(KINDS))]
    return Texture(kind, rng.uniform(0.15, 1, (2, 3)), rng.uniform(0.1, 0.6), int(rng.integers(1 << 31)))


def painted(texture: Texture, where: np.ndarray) -> np.ndarray:
    """The colours of a surface at texture coordinates, (H, W, 3)."""
    cells = np.nan_to_num(where / texture.period, posinf=0, neginf=0).clip(-1e4, 1e4)
    share: np.ndarray = np.zeros(cells.shape[:2])
    if texture.kind == "stripes":
        share = np.floor(cells[..., 0]) % 2
    elif texture.kind == "chequers":
        share = np.floor(cells).sum(2) % 2
    elif texture.kind == "clouds":
        clouds = np.random.default_rng(texture.seed).random((16, 16)).astype(np.float32)
        maps = np.mod(cells, 15).astype(np.float32)
        share = cv2.remap(clouds, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR)
    return texture.colours[0] + share[..., None] * (texture.colours[1] - texture.colours[0])
