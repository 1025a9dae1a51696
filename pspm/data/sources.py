"""What there is to train on."""

from dataclasses import dataclass
from pathlib import Path

from pspm.data.pairs import Pair, check_pairs, check_pictures, find_pairs, list_pictures
from pspm.data.split import held_back

PHOTOS = ("portraits", "published_alpha")
CUTOUTS = "cutouts"
MASKS = "people"
BACKGROUNDS = "backgrounds"


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
        """The sub-folders of a data folder that are there: `PHOTOS`, `CUTOUTS`, `MASKS`, `BACKGROUNDS`.

        Raises FileNotFoundError where nothing can be trained on: no photos, and no cut-outs with backgrounds.
        """
        photos = [pair for folder in PHOTOS for pair in _training(data, folder)]
        backgrounds = list_pictures(data / BACKGROUNDS) if (data / BACKGROUNDS).is_dir() else []
        hidden = held_back(BACKGROUNDS)
        sources = cls(
            photos=tuple(photos),
            cutouts=tuple(_training(data, CUTOUTS)),
            masks=tuple(_training(data, MASKS)),
            backgrounds=tuple(path for path in backgrounds if path.stem not in hidden),
        )
        if not sources.photos and not (sources.cutouts and sources.backgrounds):
            raise FileNotFoundError(
                f"{data} holds nothing to train on: put photographs with mattes into {data / PHOTOS[0]}, or cut-outs "
                f"into {data / CUTOUTS} and pictures without people into {data / BACKGROUNDS}"
            )
        return sources

    def check(self) -> None:
        """Open every picture once. Raises ValueError that names those that are broken or do not fit together."""
        check_pairs([*self.photos, *self.cutouts, *self.masks])
        check_pictures(list(self.backgrounds))


def _training(data: Path, folder: str) -> list[Pair]:
    if not (data / folder).is_dir():
        return []
    hidden = held_back(folder)
    return [pair for pair in find_pairs(data / folder) if pair.image.stem not in hidden]
