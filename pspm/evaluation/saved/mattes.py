"""Mattes that another tool saved: FOLDER/NAME.png of one set, or FOLDER/SET/NAME.png."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pspm.data.folders.pairs import decode, list_pictures
from pspm.evaluation.candidate import Candidate, Estimate
from pspm.evaluation.datasets import Case

# Channels of a grey picture that lossy compression has changed differ by no more levels of 255.
GREY_TOLERANCE = 8
# Names shown of mattes that belong to no picture.
SHOWN = 3


@dataclass(frozen=True)
class SavedMattes:
    """Saved mattes by set and picture. Files are found by `find`, and read when they are needed."""

    files: Mapping[str, Mapping[str, Path]]

    @classmethod
    def find(cls, folder: Path, sets: Mapping[str, Sequence[Case]], *, limited: bool = False) -> "SavedMattes":
        """Find the mattes of all pictures.

        limited: whether the sets are the first pictures of larger sets, so that mattes of other pictures may be there.
        Raises FileNotFoundError that names a picture without a matte, ValueError for mattes of no picture.
        """
        files = {}
        for name, cases in sets.items():
            inside = folder / name if len(sets) > 1 or (folder / name).is_dir() else folder
            if not inside.is_dir():
                raise FileNotFoundError(f"{inside} is not a folder; save the mattes of the set {name} there")
            mattes: dict[str, Path] = {}
            for path in list_pictures(inside):
                if path.stem in mattes:
                    raise ValueError(f"{mattes[path.stem]} and {path} are mattes of one picture; remove one of them")
                mattes[path.stem] = path
            missing = [case.name for case in cases if case.name not in mattes]
            if missing:
                more = f", nor of {len(missing) - 1} more" if len(missing) > 1 else ""
                raise FileNotFoundError(f"{inside} has no matte of {missing[0]}{more}; add {inside / missing[0]}.png")
            extra = sorted(mattes.keys() - {case.name for case in cases})
            if extra and not limited:
                names = ", ".join(mattes[stem].name for stem in extra[:SHOWN])
                more = f" and {len(extra) - SHOWN} more" if len(extra) > SHOWN else ""
                raise ValueError(f"{inside} has mattes of no picture of {name}: {names}{more}; remove them")
            files[name] = {case.name: mattes[case.name] for case in cases}
        return cls(files)

    def read(self, set_name: str, picture: str, shape: tuple[int, ...]) -> np.ndarray:
        """Read the matte of a picture of this (height, width), (H, W) float32 in [0, 1]. Raises ValueError."""
        path = self.files[set_name][picture]
        alpha = read_saved_matte(path)
        if alpha.shape != tuple(shape):
            height, width = alpha.shape
            raise ValueError(
                f"{path} is {width} x {height}, but the picture is {shape[1]} x {shape[0]}; save it at that size"
            )
        return alpha


def read_saved_matte(path: Path) -> np.ndarray:
    """Read a matte of 8 or 16 bits, (H, W) float32 in [0, 1]: the transparency of RGBA, else the grey level.

    Raises ValueError if it is not an image, or has colours.
    """
    picture = decode(path)
    levels = np.iinfo(picture.dtype).max
    if picture.ndim == 3 and picture.shape[2] == 4:
        picture = picture[..., 3]
    elif picture.ndim == 3:
        spread = picture.max(axis=2) - picture.min(axis=2)
        if spread.max() > GREY_TOLERANCE * levels / 255:
            raise ValueError(f"{path} has colours and no transparency, so it is not a matte; save its alpha as grey")
        picture = picture[..., 1]
    return (picture / levels).astype(np.float32)


def saved_candidate(name: str, mattes: SavedMattes) -> Candidate:
    """Another tool's saved mattes as a candidate without a network."""

    def estimate(image: np.ndarray, trimap: np.ndarray) -> Estimate:
        raise ValueError(f"{name} has saved mattes only, and none of a changed picture")

    return Candidate(name, "saved", None, None, estimate, None, saved=mattes.read)
