"""Turn photos with hard masks into photos with mattes: `OUT/image` and `OUT/alpha`, ready for training."""

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
from pspm_runtime.files.atomic_write import atomic_write, remove_unfinished

from pspm.data.folders.pairs import Pair


@dataclass(frozen=True)
class Task:
    """A photo with its hard mask, and the output folder."""

    pair: Pair
    out: Path

    @property
    def photo(self) -> Path:
        """Path of the photo in the output folder."""
        return self.out / "image" / self.pair.image.name

    @property
    def matte(self) -> Path:
        """Path of the matte. It is written last: if it exists, so does the photo."""
        return self.out / "alpha" / f"{self.pair.image.stem}.png"


def prepare(tasks: list[Task], jobs: int) -> Iterator[tuple[Task, str | None]]:
    """Do the tasks in `jobs` processes. Yields each task when it ends, with an error message or None.

    First removes what a killed run left half-written. Raises BrokenProcessPool if the system killed a process.
    """
    for folder in {path.parent for task in tasks for path in (task.photo, task.matte)}:
        remove_unfinished(folder)
    if jobs == 1:
        yield from ((task, _attempt(task)) for task in tasks)
        return
    # Spawned, not forked, because OpenCV and numba start threads.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _start_worker)
    try:
        running = {pool.submit(_attempt, task): task for task in tasks}
        for future in as_completed(running):
            yield running[future], future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def prepare_one(task: Task) -> None:
    """Estimate one matte. Writes the unchanged photo and the matte, each atomically.

    Raises ValueError if photo or mask cannot be used, OSError if the result cannot be written.
    """
    # This import takes seconds, and only the worker processes need it.
    from pspm.data.mattes_from_masks.closed_form import closed_form_matte

    _, png = cv2.imencode(".png", closed_form_matte(*task.pair.read()))
    if not task.photo.exists():
        with atomic_write(task.photo) as unfinished:
            _link(task.pair.image, unfinished)
    with atomic_write(task.matte) as unfinished:
        unfinished.write_bytes(png.tobytes())


def _attempt(task: Task) -> str | None:
    try:
        prepare_one(task)
    except (ValueError, OSError, cv2.error) as error:
        return str(error)
    except MemoryError:
        return "not enough memory; use fewer --jobs"
    return None


def _link(source: Path, target: Path) -> None:
    """Make a hard link, or a copy if the file system has no hard links."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _start_worker() -> None:
    cv2.setNumThreads(1)
    # The parent handles Ctrl-C: it lets the workers finish their images and starts no others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    """End this worker when its parent is killed; it would wait for work forever otherwise."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
