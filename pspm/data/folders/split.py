"""The validation split: images that are never used for training.

A folder with training/ and testing/, such as Portrait-2k, is divided by its authors. Of other folders, `heldback.txt`
beside this file lists the held-out images: 10 % of the portraits, as a run of neighbouring ids because neighbours often
show the same person; 30 cut-outs, split by person; 32 cut-outs of four other sources ("cutouts-2"), with the most hair;
and 30 backgrounds drawn with seed 0, over which the held-out cut-outs are composited.
"""

from importlib.resources import files
from pathlib import Path

from pspm.data.folders.pairs import TESTING, Pair, find_pairs, has_own_split

# Validation sets whose pictures are not in a folder of the set's own name.
FOLDERS = {"cutouts-2": "cutouts"}


def held_back(name: str) -> frozenset[str]:
    """Ids (file stems) of a validation set: "portraits", "cutouts", "cutouts-2" or "backgrounds"."""
    lines = (files(__package__) / "heldback.txt").read_text().splitlines()
    entries = (line.split() for line in lines if line and not line.startswith("#"))
    return frozenset(identifier for kind, identifier in entries if kind == name)


def folder_of(name: str) -> str:
    """The folder of the data folder that has the pictures of a validation set."""
    return FOLDERS.get(name, name)


def hidden_from_training(folder: str) -> frozenset[str]:
    """Ids (file stems) of the pictures of a folder that are in any validation set."""
    sets = [folder, *(name for name, at in FOLDERS.items() if at == folder)]
    return frozenset[str]().union(*(held_back(name) for name in sets))


def training_pairs(folder: Path) -> list[Pair]:
    """The pairs of a folder of the data folder that are for training. Raises FileNotFoundError if it has no pairs."""
    hidden = frozenset[str]() if has_own_split(folder) else hidden_from_training(folder.name)
    return [pair for pair in find_pairs(folder) if pair.image.stem not in hidden]


def validation_pairs(folder: Path, name: str | None = None) -> list[Pair]:
    """The held-out pairs of a folder of the data folder. Raises FileNotFoundError if it has no pairs.

    name: the validation set (`held_back`); None for that of the folder's name.
    """
    if has_own_split(folder):
        return find_pairs(folder / TESTING)
    hidden = held_back(name or folder.name)
    return [pair for pair in find_pairs(folder) if pair.image.stem in hidden]
