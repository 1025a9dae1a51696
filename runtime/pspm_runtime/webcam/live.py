"""Live: from a camera to screens, with the newest frame each time."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PIL import Image

from pspm_runtime.errors import VideoError
from pspm_runtime.files.photo import Photo
from pspm_runtime.model import Model
from pspm_runtime.video.people.follow import followed_shots
from pspm_runtime.video.steady.temporal_filter import steadied_live
from pspm_runtime.webcam.camera import photo
from pspm_runtime.webcam.effect import LiveEffect
from pspm_runtime.webcam.latest import Latest
from pspm_runtime.webcam.screen import Screen

# A camera that gives no frame for so many seconds is taken for gone.
PATIENCE = 10.0
_POLL = 0.02


class Frames(Protocol):
    """A camera, or what stands for one. name: for errors."""

    name: str

    def frames(self) -> Iterator[Any]:
        """Frames of PyAV, as they come. Raises VideoError if the camera has gone."""


@dataclass(frozen=True)
class Seen:
    """What was shown. frames: how many pictures. dropped: frames that were too old. seconds: from the first one."""

    frames: int
    dropped: int
    seconds: float


def show_live(
    camera: Frames,
    model: Model,
    effect: LiveEffect,
    screens: Sequence[Screen],
    *,
    duration: float | None = None,
    patience: float = PATIENCE,
) -> Seen:
    """Show a camera's frames until a screen is closed, a file ends, `duration` seconds are over, or Ctrl-C.

    A thread reads frames, another mattes the newest; this one shows pictures. What comes meanwhile is dropped, so
    nothing lags behind.
    Raises VideoError if the camera goes away or gives no frame within `patience` seconds, and what `effect`, `model`
    and the screens raise.
    """
    stop = threading.Event()
    read: Latest[Any] = Latest()
    made: Latest[Image.Image] = Latest()
    reader = _start(lambda: _read(camera, read, stop), read)
    maker = _start(lambda: _make(model, effect, read, made, stop), made)
    begin, shown = None, 0
    try:
        while all(screen.is_open() for screen in screens):
            if duration is not None and begin is not None and time.monotonic() - begin >= duration:
                break
            picture = made.take(_POLL)
            if picture is None:
                if time.monotonic() - read.since > patience:
                    raise VideoError(f"{camera.name} gives no frames; connect it again, or close what uses it")
                continue
            begin = begin or time.monotonic()
            for screen in screens:
                screen.show(picture)
            shown += 1
    except (EOFError, KeyboardInterrupt):
        pass  # a file has ended, or the user has had enough
    finally:
        stop.set()
        maker.join()
        reader.join(1)  # a camera that hangs holds its thread for good
    seconds = 0.0 if begin is None else time.monotonic() - begin
    return Seen(shown, read.dropped + made.dropped, seconds)


def _start(work: Callable[[], None], target: Latest[Any]) -> threading.Thread:
    """Run a function in a thread. When it ends, so do the items of what it fills."""

    def run() -> None:
        try:
            work()
        except BaseException as error:
            target.end(error)
        else:
            target.end()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def _read(camera: Frames, read: Latest[Any], stop: threading.Event) -> None:
    for frame in camera.frames():
        read.put(frame)
        if stop.is_set():
            return


def _make(
    model: Model, effect: LiveEffect, read: Latest[Any], made: Latest[Image.Image], stop: threading.Event
) -> None:
    def newest() -> Iterator[tuple[None, Photo]]:
        while not stop.is_set():
            try:
                frame = read.take(_POLL)
            except EOFError:
                return
            if frame is not None:
                yield None, photo(frame)

    for shot in steadied_live(followed_shots(model, newest())):
        made.put(effect.picture(shot.photo, shot.matte))
