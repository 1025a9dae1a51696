"""Camera: the frames of a webcam, read by FFmpeg's devices."""

import errno
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from pspm_runtime.errors import VideoError
from pspm_runtime.files.photo import Photo
from pspm_runtime.video.container.colour import StreamColour
from pspm_runtime.video.container.reader import OPTIONS

RATE = 30
# FFmpeg's name of the devices of each system, and what it calls camera N there.
_DEVICES = {"linux": ("v4l2", "/dev/video{}"), "darwin": ("avfoundation", "{}"), "win32": ("dshow", "video={}")}
# Above this width, most cameras give the usual rate only as JPEG pictures.
_WIDEST_RAW = 800
_AGAIN = "connect it again, and check the cable"


class Camera:
    """Reads frames as they come, perhaps in another thread than the one that made it.

    name: the number of a camera, the name of a device, or a video file, which is played instead.
    size: (width, height) to ask for; the camera may give another one. Raises VideoError for what is not there or busy.
    """

    def __init__(self, name: str, size: tuple[int, int]) -> None:
        self.name = f"camera {name}" if name.isdecimal() else name
        self.is_file = not name.isdecimal() and Path(name).is_file()
        self._begin: float | None = None
        self._container = self._open(name, size)
        if not self._container.streams.video:
            self._container.close()
            raise VideoError(f"{self.name} gives no video; choose another one with --camera")
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "SLICE"  # threads for whole frames would delay them

    def frames(self) -> Iterator[Any]:
        """The frames, until a file ends; then the camera is closed. What is damaged is left out.

        Raises VideoError if a camera ends.
        """
        with self._container:
            for packet in self._packets():
                try:
                    decoded = packet.decode()
                except FFmpegError:
                    continue
                for frame in decoded:
                    self._wait(frame)
                    yield frame
        if not self.is_file:
            raise VideoError(f"{self.name} has gone; {_AGAIN}")

    def _wait(self, frame: Any) -> None:
        """Wait until a frame of a file is to be shown; a camera's are always new."""
        if self.is_file and frame.time is not None:
            now = time.monotonic()
            self._begin = now - frame.time if self._begin is None else self._begin
            time.sleep(max(0.0, self._begin + frame.time - now))

    def _packets(self) -> Iterator[Any]:
        try:
            yield from self._container.demux(self._stream)
        except FFmpegError as error:
            raise VideoError(f"{self.name} has gone ({error.strerror}); {_AGAIN}") from None

    def _open(self, name: str, size: tuple[int, int]) -> Any:
        if self.is_file:
            return self._try(f"file:{name}", None, OPTIONS)
        device, pattern = _DEVICES.get(sys.platform, _DEVICES["linux"])
        path = name
        if device == "dshow":
            path = pattern.format(_dshow_name(int(name)) if name.isdecimal() else name)
        elif name.isdecimal():
            path = pattern.format(name)
        wanted = {"framerate": str(RATE), "video_size": f"{size[0]}x{size[1]}"}
        ways: list[dict[str, str]] = [wanted, {"framerate": str(RATE)}, {}]
        if device == "v4l2" and size[0] > _WIDEST_RAW:
            ways.insert(0, wanted | {"input_format": "mjpeg"})
        for way in ways[:-1]:
            try:
                return av.open(path, format=device, options=way)
            except (FFmpegError, ValueError) as error:
                if getattr(error, "errno", None) in (errno.ENOENT, errno.EBUSY, errno.EACCES, errno.EPERM):
                    break
        return self._try(path, device, ways[-1])

    def _try(self, path: str, device: str | None, options: dict[str, str]) -> Any:
        where = "" if path == self.name or self.is_file else f" ({path})"
        try:
            return av.open(path, format=device, options=options)
        except FFmpegError as error:
            reason, remedy = _refusal(error)
        except ValueError:  # FFmpeg without this device
            reason, remedy = "cannot be read by the FFmpeg of this PyAV", "install another build of PyAV"
        raise VideoError(f"{self.name}{where} {reason}; {remedy}")


def photo(frame: Any) -> Photo:
    """A frame of a camera as a photo."""
    colour = StreamColour.of(frame)
    return Photo(colour.to_rgb(frame), None, colour.profile)


def _refusal(error: FFmpegError) -> tuple[str, str]:
    """Why a camera cannot be opened, and what to do about it."""
    if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return "is not there", "connect a camera, or choose another one with --camera"
    if error.errno == errno.EBUSY:
        return "is in use", "close the program that uses it"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "may not be used", "allow it in the system's settings; on Linux, join the group video"
    return f"cannot be opened ({error.strerror})", "choose another one with --camera"


def _dshow_name(number: int) -> str:
    from av.device import enumerate_input_devices

    names = [device.description or device.name for device in enumerate_input_devices("dshow")]
    if number >= len(names):
        raise VideoError(f"camera {number} is not there; connect a camera, or choose another one with --camera")
    return names[number]
