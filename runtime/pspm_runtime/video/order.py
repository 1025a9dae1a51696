"""Order: what to do with a video, checked before anything is read or written."""

import os
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from pspm_runtime.arguments import as_number, check_flag, shown
from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.stages import bokeh
from pspm_runtime.video.background import background_path
from pspm_runtime.video.container.encoder import VideoCodec
from pspm_runtime.video.container.writer import TIMES, codec_for

MAX_JOBS = 256


@dataclass
class Order:
    """What to do with a video.

    path, out: files, or a folder for numbered PNG frames. background: a colour, a picture, or a video. blur: strength
    of the background's blur. matte: whether the result is the matte. stacked: whether it is the foreground over a
    black background with the matte below it, for players without transparency. Without any of these, the result is
    the person with transparency. start, duration: in seconds. sound: whether sound and subtitles are taken along.
    """

    path: Path
    out: Path
    background: Any = None
    blur: float | None = None
    matte: bool = False
    stacked: bool = False
    start: Fraction = Fraction(0)
    duration: Fraction | None = None
    sound: bool = True
    force: bool = False
    codec: VideoCodec | None = field(init=False)

    def __post_init__(self) -> None:
        """Raise PspmError for what cannot be done, before anything is read or written."""
        check_flag(self.matte, "matte")
        check_flag(self.force, "force")
        chosen = [name for name, given in self._effects.items() if given]
        if len(chosen) > 1:
            raise PspmError(f"{' and '.join(chosen)} exclude each other; choose one")
        if self.blur is not None:
            bokeh.check_strength(self.blur)
        self.codec = codec_for(self.out, transparent=not chosen)
        folder = next(path for path in self.out.absolute().parents if os.path.lexists(path))
        if not folder.is_dir():
            raise OutputError(f"{self.out} cannot be written: {folder} is not a folder; choose another place")
        for path in filter(None, (self.path, background_path(self.background))):
            if _same(path, self.out):
                raise OutputError(f"{self.out} is an input; choose another name for the result")
        if self.codec is None and self.out.is_dir():
            self._check_folder()
        elif os.path.lexists(self.out) and not self.force:
            raise OutputError(f"{self.out} exists already; give --force to replace it, or choose another name")

    @property
    def _effects(self) -> dict[str, bool]:
        return {
            "a background": self.background is not None,
            "a blur": self.blur is not None,
            "the matte": self.matte,
            "the stacked layout": self.stacked,
        }

    def _check_folder(self) -> None:
        """A folder may be replaced if nothing is in it but the frames of an earlier run."""
        inside = list(self.out.iterdir())
        if any(path.name != TIMES and not (path.suffix == ".png" and path.stem.isdecimal()) for path in inside):
            raise OutputError(f"{self.out} has other files than numbered frames; give a new folder")
        if inside and not self.force:
            raise OutputError(f"{self.out} has frames already; give --force to replace them, or a new folder")


def seconds_of(value: Any, name: str, *, least: float = 0) -> Fraction:
    """A number of seconds as a fraction. Raises PspmError for anything but a number that is not below `least`."""
    number = as_number(value)
    if number is None or not least <= number < float("inf"):
        raise PspmError(f"{name} must be a number of seconds, {least:g} or more, not {shown(value)}")
    return Fraction(number).limit_denominator(1_000_000)


def check_jobs(jobs: Any) -> int:
    """A number of processes. Raises PspmError for anything but a whole number from 1 to `MAX_JOBS`."""
    if isinstance(jobs, bool) or not isinstance(jobs, int) or not 1 <= jobs <= MAX_JOBS:
        raise PspmError(f"jobs must be a whole number from 1 to {MAX_JOBS}, not {shown(jobs)}")
    return jobs


def _same(path: Path, out: Path) -> bool:
    try:
        return path.samefile(out)
    except OSError:
        return False
