"""Photographs with hard masks become photographs with mattes: `OUT/image` and `OUT/alpha`, ready for training."""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from pathlib import Path

import cv2

from pspm.data.folders.pairs import Pair


@dataclass(frozen=True)
class Task:
    """A photograph with its hard mask, and the folder that its matte goes into."""

    pair: Pair
    out: Path

    @property
    def target(self) -> Path:
        """The matte's file. It is written last, so where it is, the photograph is too."""
        return self.out / "alpha" / f"{self.pair.image.stem}.png"


def prepare(tasks: list[Task], jobs: int) -> Iterator[tuple[Task, str | None]]:
    """Do every task in `jobs` processes; yields each as it ends, with what went wrong or None.

    Raises BrokenProcessPool where the system killed a process.
    """
    if jobs == 1:
        yield from ((task, _attempt(task)) for task in tasks)
        return
    # Spawned, not forked: OpenCV and numba have threads of their own.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _start_worker)
    try:
        running = {pool.submit(_attempt, task): task for task in tasks}
        for future in as_completed(running):
            yield running[future], future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def prepare_one(task: Task) -> None:
    """Bring the photograph, unchanged, and its matte to their places; each is whole or not there.

    Raises ValueError where picture or mask cannot be used, OSError where the result cannot be written.
    """
    # Takes seconds, and only the processes that do the work need it.
    from pspm.data.mattes_from_masks.closed_form import matte

    photo = task.out / "image" / task.pair.image.name
    photo.parent.mkdir(parents=True, exist_ok=True)
    task.target.parent.mkdir(parents=True, exist_ok=True)
    _, png = cv2.imencode(".png", matte(*task.pair.read()))
    if not photo.exists():
        _link(task.pair.image, photo)
    part = _part(task.target)
    part.write_bytes(png.tobytes())
    part.replace(task.target)


def _attempt(task: Task) -> str | None:
    try:
        prepare_one(task)
    except (ValueError, OSError, cv2.error) as error:
        return str(error)
    except MemoryError:
        return "there is not enough memory for it; give fewer --jobs"
    return None


def _link(source: Path, target: Path) -> None:
    """A second name for the same bytes where the file system can, a copy where not."""
    part = _part(target)
    part.unlink(missing_ok=True)
    try:
        part.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, part)
    part.replace(target)


def _part(target: Path) -> Path:
    """The name while it is being written: the same every time, so that a killed run leaves nothing behind."""
    return target.with_name(f".{target.name}.part")


def _start_worker() -> None:
    cv2.setNumThreads(1)
    # Ctrl-C is the parent's: it lets the pictures in work end and starts no others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """A pool's processes would wait for work for ever after their parent was killed."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
