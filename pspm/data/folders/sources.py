"""What there is to train on."""

from dataclasses import dataclass
from pathlib import Path

from pspm.data.folders.pairs import Pair, check_pairs, check_pictures, find_pairs, list_pictures
from pspm.data.folders.split import held_back

CUTOUTS = "cutouts"
BACKGROUNDS = "backgrounds"
FOLDERS = ("portraits", "published_alpha", "people", CUTOUTS)


@dataclass(frozen=True)
class Sources:
    """The pictures of the training split, by what they are good for.

    photos: photographs with soft mattes. cutouts: colour and true alpha, for composites. masks: photographs with hard
    masks. backgrounds: pictures without people.
    """

    photos: tuple[Pair, ...]
    cutouts: tuple[Pair, ...]
    masks: tuple[Pair, ...]
    backgrounds: tuple[Path, ...]

    @classmethod
    def find(cls, data: Path) -> "Sources":
        """Those of `FOLDERS` and `BACKGROUNDS` that a data folder has, without what is held back.

        Raises FileNotFoundError where nothing can be trained on: no photos, and no cut-outs with backgrounds.
        """
        groups: dict[str, list[Pair]] = {"photo": [], "cutout": [], "mask": []}
        for folder in FOLDERS:
            if (data / folder).is_dir():
                hidden = held_back(folder)
                for pair in find_pairs(data / folder):
                    if pair.image.stem not in hidden:
                        groups["cutout" if folder == CUTOUTS else pair.kind].append(pair)
        sources = cls(
            photos=tuple(groups["photo"]),
            cutouts=tuple(groups["cutout"]),
            masks=tuple(groups["mask"]),
            backgrounds=tuple(path for path in list_backgrounds(data) if path.stem not in held_back(BACKGROUNDS)),
        )
        if not sources.photos and not (sources.cutouts and sources.backgrounds):
            raise FileNotFoundError(
                f"{data} holds nothing to train on: put photographs with mattes into {data / FOLDERS[0]}, or cut-outs "
                f"into {data / CUTOUTS} and pictures without people into {data / BACKGROUNDS}"
            )
        return sources

    def check(self) -> None:
        """Open every picture once. Raises ValueError that names those that are broken or do not fit together."""
        check_pairs([*self.photos, *self.cutouts, *self.masks])
        check_pictures(list(self.backgrounds))


def list_backgrounds(data: Path) -> list[Path]:
    """All pictures without people of a data folder, from `backgrounds/` or `backgrounds/image/`; there may be none."""
    folder = data / BACKGROUNDS
    if not folder.is_dir():
        return []
    return list_pictures(folder / "image" if (folder / "image").is_dir() else folder)
