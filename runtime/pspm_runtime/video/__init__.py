"""Video: `process` turns a file into a file, `matte` gives the mattes of frames that a program has.

Files need the extra `video` (PyAV); frames as arrays do not. Everything heavy is imported when it is used.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pspm_runtime.extras import needs_extra
from pspm_runtime.looks.quality import Quality

if TYPE_CHECKING:
    import numpy as np

    from pspm_runtime.model import Model
    from pspm_runtime.video.run import Outcome, Progress

__all__ = ["matte", "process"]


def matte(
    frames: "Iterable[np.ndarray]",
    *,
    model: "Model | str | None" = None,
    quality: Quality = "fast",
    live: bool = False,
) -> "Iterator[np.ndarray]":
    """Predict the mattes of frames, one after the other: float32 (H, W) in [0, 1], of each frame's size.

    frames: RGB arrays, (H, W, 3) uint8, upright. model: a loaded model or the name of one. quality: as for photos;
    "fast" runs the network at most once for a frame with one large person. live: give each matte before the next
    frame is taken; otherwise three frames are taken in advance, and mattes are steadier.
    Raises VideoError for a frame that is no such array.
    """
    import numpy as np

    from pspm_runtime.arguments import check_flag
    from pspm_runtime.video.matting import array_photos, video_model
    from pspm_runtime.video.people.follow import followed_shots
    from pspm_runtime.video.steady.between import spaced_shots
    from pspm_runtime.video.steady.temporal_filter import steadied, steadied_live

    network, photos = video_model(model, quality), array_photos(frames)
    is_live = check_flag(live, "live")
    for shot in steadied_live(followed_shots(network, photos)) if is_live else steadied(spaced_shots(network, photos)):
        yield np.divide(np.asarray(shot.matte), 255, dtype=np.float32)


def process(
    path: "str | os.PathLike[str]",
    out: "str | os.PathLike[str]",
    *,
    background: Any = None,
    blur: float | None = None,
    matte: bool = False,
    stacked: bool = False,
    start: float = 0,
    duration: float | None = None,
    sound: bool = True,
    model: "Model | str | None" = None,
    quality: Quality = "fast",
    force: bool = False,
    resume: bool = False,
    jobs: int = 1,
    progress: "Callable[[Progress], None] | None" = None,
) -> "Outcome":
    """Cut the person out of a video, or replace or blur the background, and write a video with its sound.

    out: .webm or .mov for a person with transparency, .mp4 and others for the rest, a folder for PNG frames.
    background: a colour ("#20a0ff"), a picture, or another video. blur: strength from 0 to 1. matte: write the matte.
    stacked: write the foreground with the matte below it, for players without transparency.
    start, duration: in seconds, of the part to process. progress: called after each frame, from another thread.
    resume: work in segments of some seconds, which stay in the folder `out`.segments if the run ends early; then the
    same call continues. jobs: so many processes, in segments, too; see `pspm_runtime.video.in_segments`.
    Time stamps are those of the input. The result appears when it is complete; see `pspm_runtime.video.run.run`.
    Raises VideoError for a video that cannot be read, OutputError for a result that cannot be written, NoPersonError
    where no frame shows a person.
    """
    with needs_extra("video"):
        import av  # noqa: F401

    from pspm_runtime.arguments import check_flag
    from pspm_runtime.video.matting import video_model
    from pspm_runtime.video.order import Order, check_jobs, seconds_of
    from pspm_runtime.video.run import run

    order = Order(
        Path(path),
        Path(out),
        background=background,
        blur=blur,
        matte=matte,
        stacked=stacked,
        start=seconds_of(start, "start"),
        duration=None if duration is None else seconds_of(duration, "duration", least=0.001),
        sound=sound,
        force=force,
    )
    opened = video_model(model, quality)
    if check_jobs(jobs) > 1 or check_flag(resume, "resume"):
        from pspm_runtime.video.in_segments import run_in_segments

        return run_in_segments(order, opened, jobs, progress, resume=resume)
    return run(order, opened, progress)
