"""The validation split: images that are never used for training.

A folder with training/ and testing/, such as Portrait-2k, is divided by its authors. Of other folders, `heldback.txt`
beside this file lists the held-out images: 10 % of the portraits, as a run of neighbouring ids because neighbours often
show the same person; 30 cut-outs, split by person; and 30 backgrounds drawn with seed 0, over which the held-out
cut-outs are composited.
"""

from importlib.resources import files
from pathlib import Path

from pspm.data.folders.pairs import TESTING, Pair, find_pairs, has_own_split


def held_back(folder: str) -> frozenset[str]:
    """Ids (file stems) of a data folder that are held out: "portraits", "cutouts" or "backgrounds"."""
    lines = (files(__package__) / "heldback.txt").read_text().splitlines()
    entries = (line.split() for line in lines if line and not line.startswith("#"))
    return frozenset(name for kind, name in entries if kind == folder)


def training_pairs(folder: Path) -> list[Pair]:
    """The pairs of a folder of the data folder that are for training. Raises FileNotFoundError if it has no pairs."""
    hidden = frozenset[str]() if has_own_split(folder) else held_back(folder.name)
    return [pair for pair in find_pairs(folder) if pair.image.stem not in hidden]


def validation_pairs(folder: Path) -> list[Pair]:
    """The held-out pairs of a folder of the data folder. Raises FileNotFoundError if it has no pairs."""
    if has_own_split(folder):
        return find_pairs(folder / TESTING)
    hidden = held_back(folder.name)
    return [pair for pair in find_pairs(folder) if pair.image.stem in hidden]
