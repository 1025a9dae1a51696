"""Background: what is put behind the person in a video: a colour, a picture, or another video."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from pspm_runtime.colour.profiles import convert
from pspm_runtime.files.background import open_background, parse_colour
from pspm_runtime.files.photo import Photo
from pspm_runtime.stages.compose import cover_box
from pspm_runtime.video.container.reader import Frame, VideoReader

# Videos by their names; any other file is read as a picture.
VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".mpg", ".mpeg", ".wmv", ".flv")


class Background(Protocol):
    """Gives the picture behind the person at a time of the result."""

    def at(self, seconds: Fraction) -> Image.Image:
        """The picture at a time that is not before the last one: RGB, of the size and in the colours of the frames."""

    def close(self) -> None:
        """Close the file, if any."""


class StillBackground:
    """A colour or a picture, which is cropped to fill the frames."""

    def __init__(self, background: Any, size: tuple[int, int], profile: bytes | None) -> None:
        self._image = filled(open_background(background), size, profile)

    def at(self, seconds: Fraction) -> Image.Image:
        """The picture, at any time."""
        return self._image

    def close(self) -> None:
        """Do nothing: no file is open."""


class VideoBackground:
    """Another video, which begins again at its end. Its sound is not used."""

    def __init__(self, path: Path, size: tuple[int, int], profile: bytes | None) -> None:
        self._path, self._size, self._profile = path, size, profile
        self._reader: VideoReader | None = None
        self._offset = Fraction(0)
        self._frames = self._all_frames()
        self._shown, self._until, self._next = self._take(next(self._frames))
        self._image = filled(self._shown, size, profile)

    def at(self, seconds: Fraction) -> Image.Image:
        """The frame that the video shows at a time."""
        moved = False
        while seconds >= self._until:
            self._shown, self._until, self._next = self._take(self._next)
            moved = True
        if moved:
            self._image = filled(self._shown, self._size, self._profile)
        return self._image

    def close(self) -> None:
        """Close the file."""
        if self._reader:
            self._reader.close()

    def _take(self, current: tuple[Photo, Fraction]) -> tuple[Photo, Fraction, tuple[Photo, Fraction]]:
        """A frame's picture, when it ends, and the next frame with its time."""
        following = next(self._frames)
        return current[0], following[1], following

    def _all_frames(self) -> Iterator[tuple[Photo, Fraction]]:
        """The frames and when they begin, without end."""
        while True:
            self._reader = reader = VideoReader(self._path)
            first: int | None = None
            end = Fraction(0)
            frame: Frame
            for frame in reader.frames():
                first = frame.time if first is None else first
                begin = (frame.time - first) * reader.time_base
                end = begin + frame.duration * reader.time_base
                yield frame.photo, self._offset + begin
            reader.close()
            self._offset += max(end, Fraction(1, 1000))


def open_video_background(background: Any, size: tuple[int, int], profile: bytes | None) -> Background:
    """Open a colour, a picture or a video. size, profile: of the frames. Raises PhotoError or VideoError."""
    path = background_path(background)
    if path is not None and path.suffix.lower() in VIDEO_SUFFIXES:
        return VideoBackground(path, size, profile)
    return StillBackground(background, size, profile)


def background_path(background: Any) -> Path | None:
    """The file of a background, None for a colour or for what is no path."""
    if isinstance(background, Path):
        return background
    if not isinstance(background, str) or parse_colour(background) is not None:
        return None
    return Path(background)


def filled(background: Photo, size: tuple[int, int], profile: bytes | None) -> Image.Image:
    """A picture, centre-cropped and resized to fill a (width, height), in the colours of a profile: RGB."""
    image = background.image
    box = cover_box(image.size, size)
    resized = image.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=2.0)
    return convert(resized, background.icc_profile, profile)
