"""Which people and backgrounds a scene gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from pspm.data.folders.pairs import Pair, find_pairs, list_pictures
from pspm.data.folders.sources import BACKGROUNDS, CUTOUTS, list_backgrounds
from pspm.data.folders.split import hidden_from_training
from pspm.scenes.people import Person

Picture = TypeVar("Picture", Pair, Path)


@dataclass(frozen=True)
class Cast:
    """Cut-outs and backgrounds in a random order, which scenes use in turn, so that each is used equally often.

    A scene's people, background and places depend on the seed and its index only: the sets show the same people.
    """

    people: Sequence[Pair]
    backgrounds: Sequence[Path]
    seed: int = 0

    @classmethod
    def of(cls, people: Sequence[Pair], backgrounds: Sequence[Path], seed: int) -> "Cast":
        """Shuffle cut-outs and backgrounds."""
        rng = np.random.default_rng(seed)
        first, second = rng.permutation(len(people)), rng.permutation(len(backgrounds))
        return cls([people[i] for i in first], [backgrounds[i] for i in second], seed)

    def rng(self, index: int) -> np.random.Generator:
        """The random numbers of a scene."""
        return np.random.default_rng((self.seed, index))

    def of_scene(self, index: int, number: int) -> list[Person]:
        """Read the people of a scene. Raises ValueError if one cannot be read."""
        first = index * number
        return [Person.read(self.people[i % len(self.people)]) for i in range(first, first + number)]

    def background(self, index: int) -> Path:
        """The background of a scene."""
        return self.backgrounds[index % len(self.backgrounds)]


def find_cutouts(folder: Path, *, training: bool = False) -> list[Pair]:
    """Find the cut-outs of a folder, or the held-out ones of a data folder.

    training: of a data folder, find those that are not held out.
    Raises FileNotFoundError if there are none, ValueError if they are not cut-outs.
    """
    root = folder / CUTOUTS if (folder / CUTOUTS).is_dir() else folder
    pairs = find_pairs(root)
    if pairs[0].kind != "cutout":
        raise ValueError(
            f"{root} has photos with mattes, not cut-outs; give pictures with transparency, which pspm cutout writes"
        )
    return _of_split(root, CUTOUTS, {pair.image.stem: pair for pair in pairs}, training=training)


def find_backgrounds(folder: Path, *, training: bool = False) -> list[Path]:
    """Find the pictures of a folder, or the held-out backgrounds of a data folder. Raises as `find_cutouts`."""
    root = folder / BACKGROUNDS
    paths = list_backgrounds(folder) if root.is_dir() else list_pictures(folder)
    return _of_split(
        root if root.is_dir() else folder, BACKGROUNDS, {path.stem: path for path in paths}, training=training
    )


def without_cut_off(pairs: Sequence[Pair]) -> list[Pair]:
    """Leave out people who are cut off at their head or a side, because they would float; all if there are no others.

    Raises ValueError if one cannot be read.
    """
    return [pair for pair in pairs if not Person.read(pair).cut_elsewhere] or list(pairs)


def _of_split(folder: Path, name: str, found: dict[str, Picture], *, training: bool) -> list[Picture]:
    """Of a folder of the data folder, the pictures on one side of the split; of any other folder, all."""
    hidden = hidden_from_training(name) & found.keys() if folder.resolve().name == name else frozenset[str]()
    if not hidden:
        if training:
            raise ValueError(f"{folder} has no held-out pictures, so --training means nothing there; leave it out")
        return list(found.values())
    chosen = [picture for stem, picture in found.items() if (stem in hidden) != training]
    if not chosen:
        raise FileNotFoundError(f"{folder} has held-out pictures only; leave out --training")
    return chosen
