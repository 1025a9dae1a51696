"""The validation split: pictures that no training ever sees, listed once in `heldback.txt` beside this file.

10 % of the portraits in a run of neighbouring ids (neighbours often show the same person), 30 cut-outs by person, and
30 backgrounds drawn with seed 0, over which the held-back cut-outs are composited.
"""

from importlib.resources import files


def held_back(folder: str) -> frozenset[str]:
    """The ids of one data folder ("portraits", "cutouts" or "backgrounds") that are kept for validation."""
    lines = (files(__package__) / "heldback.txt").read_text().splitlines()
    entries = (line.split() for line in lines if line and not line.startswith("#"))
    return frozenset(name for kind, name in entries if kind == folder)
