"""The images of a data folder that a training run uses."""

from dataclasses import dataclass
from pathlib import Path

from pspm.data.folders.integrity import check_pairs, check_pictures
from pspm.data.folders.pairs import Pair, has_own_split, list_pictures
from pspm.data.folders.split import held_back, training_pairs

CUTOUTS = "cutouts"
BACKGROUNDS = "backgrounds"
FOLDERS = ("portraits", "published_alpha", "people", CUTOUTS)


@dataclass(frozen=True)
class Sources:
    """Training images by kind.

    photos: photos with soft mattes. cutouts: foreground colours with true alpha, for composites. masks: photos with
    hard masks. backgrounds: images without people.
    """

    photos: tuple[Pair, ...]
    cutouts: tuple[Pair, ...]
    masks: tuple[Pair, ...]
    backgrounds: tuple[Path, ...]

    @classmethod
    def find(cls, data: Path) -> "Sources":
        """Find the images in those of `FOLDERS` and `BACKGROUNDS` that exist in `data`, without the held-out ones.

        `data` may also be a folder with its own split, such as Portrait-2k.

        Raises FileNotFoundError if there are neither photos nor cut-outs with backgrounds.
        """
        groups: dict[str, list[Pair]] = {"photo": [], "cutout": [], "mask": []}
        for folder in FOLDERS:
            if (data / folder).is_dir():
                for pair in training_pairs(data / folder):
                    groups["cutout" if folder == CUTOUTS else pair.kind].append(pair)
        if has_own_split(data):
            for pair in training_pairs(data):
                groups[pair.kind].append(pair)
        sources = cls(
            photos=tuple(groups["photo"]),
            cutouts=tuple(groups["cutout"]),
            masks=tuple(groups["mask"]),
            backgrounds=tuple(path for path in list_backgrounds(data) if path.stem not in held_back(BACKGROUNDS)),
        )
        if not sources.photos and not (sources.cutouts and sources.backgrounds):
            raise FileNotFoundError(
                f"{data} has nothing to train on: put photos with mattes into {data / FOLDERS[0]}, or cut-outs into "
                f"{data / CUTOUTS} and images without people into {data / BACKGROUNDS}"
            )
        return sources

    def check(self) -> None:
        """Decode every image once. Raises ValueError that names the broken ones and the pairs that differ in size."""
        check_pairs([*self.photos, *self.cutouts, *self.masks])
        check_pictures(list(self.backgrounds))


def list_backgrounds(data: Path) -> list[Path]:
    """List the images without people in `backgrounds/` or `backgrounds/image/` of a data folder; may be empty."""
    folder = data / BACKGROUNDS
    if not folder.is_dir():
        return []
    return list_pictures(folder / "image" if (folder / "image").is_dir() else folder)
