"""Scenes of people for the stand-ins of segmentation and detection: cut-outs pasted over photographs of nobody."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

import cv2
import numpy as np

from pspm.data.folders.pairs import find_pairs, list_pictures, read_rgb
from pspm.data.folders.sources import BACKGROUNDS, CUTOUTS, list_backgrounds
from pspm.data.folders.split import hidden_from_training
from pspm.scenes.compose import GROUND, paste
from pspm.scenes.people import Person

EXPECTED = "cutouts/ (people with transparency, or colour/ and alpha/) and backgrounds/ (pictures of nobody)"
# What is kept in memory: people and backgrounds of each part, spread over the folder, and their sizes in pixels.
TRAIN, TEST = 160, 40
TALLEST, WIDEST = 160, 256
# Of a folder without held-out pictures, every fifth is for testing.
EVERY = 5

Each = TypeVar("Each")


class CrowdedScene(NamedTuple):
    """A picture, RGB (H, W, 3) uint8, and the visible part of each person in it, (people, H, W) in [0, 1]."""

    image: np.ndarray
    people: np.ndarray


class Crowd:
    """People and backgrounds of one side of the split."""

    def __init__(self, people: Sequence[Person], backgrounds: Sequence[np.ndarray]) -> None:
        self.people, self.backgrounds = people, backgrounds

    def scene(
        self, size: tuple[int, int], rng: np.random.Generator, most: int, heights: tuple[float, float]
    ) -> CrowdedScene:
        """Draw a scene of (height, width) with one to `most` people.

        heights: the smallest and largest of a person, as shares of the picture's. Who is cut off below stands at the
        lower edge; others have their feet in the lowest `GROUND` of the picture.
        """
        height, width = size
        image = self.background(size, rng).astype(np.float32)
        people = np.zeros((int(rng.integers(1, most + 1)), height, width), np.float32)
        for i in range(len(people)):
            person = self.people[int(rng.integers(len(self.people)))]
            colours = person.scaled(height * rng.uniform(*heights))
            if rng.integers(2):
                colours = colours[:, ::-1]
            rows, columns = colours.shape[:2]
            feet = height if person.cut_below else height * (1 - GROUND * rng.random())
            paste(image, people[i], colours, round(feet) - rows, round(rng.uniform(0, width) - columns / 2))
            people[:i] *= 1 - people[i]
        return CrowdedScene(np.rint(image).clip(0, 255).astype(np.uint8), people)

    def background(self, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        """A random window of a background, at the size of the scene."""
        picture = self.backgrounds[int(rng.integers(len(self.backgrounds)))]
        largest = min(picture.shape[0] / size[0], picture.shape[1] / size[1])
        height, width = (max(1, int(side * largest * rng.uniform(0.6, 1))) for side in size)
        y, x = (int(rng.integers(a - b + 1)) for a, b in zip(picture.shape[:2], (height, width), strict=True))
        window = picture[y : y + height, x : x + width]
        window = window[:, ::-1] if rng.integers(2) else window
        return cv2.resize(np.ascontiguousarray(window), size[::-1], interpolation=cv2.INTER_AREA)


def is_data_folder(folder: Path) -> bool:
    """Whether a folder has cut-outs and backgrounds."""
    return (folder / CUTOUTS).is_dir() and (folder / BACKGROUNDS).is_dir()


def read_crowds(folder: Path) -> tuple[Crowd, Crowd]:
    """People and backgrounds to train and to test with, no picture in both. Raises ValueError if one cannot be read."""
    pairs = find_pairs(folder / CUTOUTS)
    if pairs[0].kind != "cutout":
        raise ValueError(f"{folder / CUTOUTS} has photos with mattes, not cut-outs; put people with transparency there")
    backgrounds = list_backgrounds(folder) or list_pictures(folder / BACKGROUNDS)
    people = divided(pairs, [pair.image.stem for pair in pairs], CUTOUTS)
    places = divided(backgrounds, [path.stem for path in backgrounds], BACKGROUNDS)
    return (
        Crowd(
            [reduced(Person.read(pair)) for pair in spread(people[0], TRAIN)],
            [read_background(path) for path in spread(places[0], TRAIN)],
        ),
        Crowd(
            [reduced(Person.read(pair)) for pair in spread(people[1], TEST)],
            [read_background(path) for path in spread(places[1], TEST)],
        ),
    )


def divided(found: Sequence[Each], stems: Sequence[str], name: str) -> tuple[list[Each], list[Each]]:
    """The training and the testing part: by the project's own split, else every fifth is for testing."""
    hidden = hidden_from_training(name).intersection(stems) or set(stems[EVERY - 1 :: EVERY] or stems[-1:])
    train = [each for each, stem in zip(found, stems, strict=True) if stem not in hidden]
    test = [each for each, stem in zip(found, stems, strict=True) if stem in hidden]
    if not train or not test:
        raise ValueError(f"{name}/ has {len(found)} pictures, too few to train and to test on; add some")
    return train, test


def spread(found: Sequence[Each], most: int) -> list[Each]:
    """At most so many, spread evenly."""
    return [found[i * len(found) // min(most, len(found))] for i in range(min(most, len(found)))]


def reduced(person: Person) -> Person:
    """The person at most `TALLEST` pixels high."""
    return replace(person, colours=person.scaled(TALLEST)) if person.body[1] > TALLEST else person


def read_background(path: Path) -> np.ndarray:
    """Read a background, reduced to `WIDEST` pixels."""
    picture = read_rgb(path)
    scale = WIDEST / max(picture.shape)
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
