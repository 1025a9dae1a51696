"""The validation split: images that are never used for training, listed in `heldback.txt` beside this file.

It holds 10 % of the portraits, as a run of neighbouring ids because neighbours often show the same person; 30 cut-outs,
split by person; and 30 backgrounds drawn with seed 0, over which the held-out cut-outs are composited.
"""

from importlib.resources import files


def held_back(folder: str) -> frozenset[str]:
    """Ids (file stems) of a data folder that are held out: "portraits", "cutouts" or "backgrounds"."""
    lines = (files(__package__) / "heldback.txt").read_text().splitlines()
    entries = (line.split() for line in lines if line and not line.startswith("#"))
    return frozenset(name for kind, name in entries if kind == folder)
