"""What a command is to do with photos."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pspm_runtime.command.batch.account import Style
from pspm_runtime.command.batch.work import Work
from pspm_runtime.command.effect import Effect
from pspm_runtime.constants import QUALITY
from pspm_runtime.errors import OutputError, PhotoError
from pspm_runtime.files.encoding.encode import FORMATS, LOSSY, WITH_16_BITS, check_output
from pspm_runtime.files.encoding.encode_animation import ANIMATED, check_animated

PIPE = "-"
EXISTS = "exists already; give --force to replace it"


@dataclass(frozen=True)
class Order:
    """What to do with the photos, and where to write the results.

    photos: files, folders, patterns, or "-" for standard input. out: a file, a folder, or "-" for standard output.
    suffix: of the results if `out` has none. transparent: whether the format must hold transparency.
    chosen: whether the user chose the suffix. quality: of lossy formats, None for the default.
    metadata and gps: keep the photo's EXIF data and place.
    frames: process all frames of an animation and all pages of a file.
    force: replace existing results. resume: skip results that the ledger of `out` names. processes: of workers.
    shard: the part of the photos to process, such as "3/16"; None for all.
    """

    photos: list[str]
    effect: Effect
    out: str
    suffix: str
    transparent: bool = False
    chosen: bool = False
    quality: int | None = None
    metadata: bool = False
    gps: bool = False
    frames: bool = False
    force: bool = False
    resume: bool = False
    processes: int = 1
    shard: str | None = None
    style: Style = Style.TEXT

    def work(self, suffix: str) -> Work:
        """The work on each photo, for results with a suffix."""
        return Work(
            self.effect, suffix, self.quality or QUALITY, metadata=self.metadata, gps=self.gps, frames=self.frames
        )

    def recipe(self) -> dict[str, Any]:
        """What the results of a run over several photos depend on besides the photos."""
        keeps = {"metadata": self.metadata or self.gps, "gps": self.gps, "frames": self.frames}
        return {**self.effect.recipe(), "suffix": self.suffix, "jpeg_quality": self.quality or QUALITY, **keeps}

    def for_many(self) -> "Order":
        """The same order, with an effect for many photos. Raises PspmError for an option out of its range."""
        self.effect.check()
        return replace(self, effect=self.effect.for_many())

    def check_format(self, target: Path, *, animated: bool = False) -> None:
        """Raise OutputError if the target's format is unknown, does not fit the effect, or contradicts an option.

        animated: whether it is to hold all frames.
        """
        suffix = target.suffix.lower()
        if animated:
            self._check_animated(suffix)
        elif suffix == ".gif":
            raise OutputError(f"{target} would be a GIF, which is for animations; give --frames, or use .png or .webp")
        if suffix not in ANIMATED or suffix in FORMATS:
            check_output(target, transparent=self.transparent)
        kind = kind_of(suffix)
        if self.chosen and kind != kind_of(self.suffix):
            raise OutputError(
                f"{target} is not a {kind_of(self.suffix)} file by its name; leave out --format, or rename it"
            )
        if self.effect.alpha_bits == 16 and (animated or kind not in WITH_16_BITS):
            what = "an animation" if animated else f"a {kind} file"
            raise OutputError(
                f"{target} would be {what}, which holds 8 bits; use .png or .tif, or leave out --alpha-bits"
            )
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise OutputError("--jpeg-quality must be from 1 to 100")
        if self.quality is not None and kind not in LOSSY:
            raise OutputError(f"--jpeg-quality does not change a {kind} file; leave it out, or choose --format jpg")

    def _check_animated(self, suffix: str) -> None:
        check_animated(suffix, transparent=self.transparent)
        if self.effect.crop is not None:
            raise OutputError(
                "--crop gives every frame a size of its own; leave it out, or give one photo and a folder"
            )
        if self.effect.trimap:
            raise PhotoError(f"a trimap belongs to one picture; process the frame of {self.effect.trimap_name} alone")


def kind_of(suffix: str) -> str:
    """The format of a suffix that results may have."""
    return FORMATS.get(suffix) or ANIMATED[suffix]
