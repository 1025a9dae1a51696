"""Processes: make the segments of a video in several processes."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pspm_runtime.engines.devices import Device
from pspm_runtime.engines.limits import cores
from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.looks.quality import Quality
from pspm_runtime.model import Model
from pspm_runtime.one_heap import use_one_heap
from pspm_runtime.video.container.writer import WRITING_ERRORS
from pspm_runtime.video.order import Order
from pspm_runtime.video.segments.plan import Span
from pspm_runtime.video.segments.segment import Segment
from pspm_runtime.video.segments.work import SegmentWork
from pspm_runtime.worker_processes import end_with_parent, interrupts_held_back

_POLL = 0.1
_END = object()


@dataclass(frozen=True)
class _Start:
    """What a process needs to begin."""

    order: Order
    source: Any
    threads: int
    quality: Quality
    max_megapixels: float
    device: Device


class Processes:
    """Makes segments in several processes. Use it as a context, which ends them.

    made: is called with every segment that is complete. frames: is called with how many frames were made so far.
    """

    def __init__(self, order: Order, model: Model, number: int) -> None:
        threads = model.threads or max(1, cores() // number)
        start = _Start(order, model.source, threads, model.quality, model.max_megapixels, model.device)
        context = multiprocessing.get_context("spawn")
        self._number = number
        self._frames = context.Value("q", 0)
        self._others = set(multiprocessing.active_children())
        self._pool = ProcessPoolExecutor(number, context, initializer=_start_worker, initargs=(start, self._frames))

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes. What they have not finished is only in unfinished files."""
        for process in set(multiprocessing.active_children()) - self._others:
            process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def make(
        self,
        pending: Iterator[tuple[Span, Path] | None],
        made: Callable[[Span, Segment], None],
        frames: Callable[[int], None],
    ) -> None:
        """Make segments at the paths that come with them; None is asked for again when another segment is made. Once.

        Raises what making one of them raises, and PspmError if the system ends a process.
        """
        waiting: dict[Future[Segment], Span] = {}
        ended = False
        while not ended or waiting:
            while not ended and len(waiting) <= self._number:
                following = next(pending, _END)
                if following is None:
                    break
                if following is _END:
                    ended = True
                else:
                    span, unfinished = cast("tuple[Span, Path]", following)
                    waiting[self._submit(span, unfinished)] = span
            done, _ = wait(waiting, _POLL, FIRST_COMPLETED)
            frames(self._frames.value)
            for future in done:
                try:
                    segment = future.result()
                except BrokenProcessPool:
                    raise PspmError(
                        "a process that made a segment was ended by the system, most likely for lack of memory; use "
                        "fewer --jobs"
                    ) from None
                made(waiting.pop(future), segment)
        # A pool that is killed can print an error as it closes; this one has nothing left to do.
        self._pool.shutdown()

    def _submit(self, span: Span, unfinished: Path) -> "Future[Segment]":
        with interrupts_held_back():
            return self._pool.submit(_make, span, unfinished)


_work: SegmentWork | PspmError
_count: Any


def _start_worker(start: _Start, frames: Any) -> None:
    global _work, _count
    end_with_parent()
    use_one_heap()
    _count = frames
    try:
        model = Model(start.source, start.threads, start.max_megapixels, start.quality, start.device)
        _work = SegmentWork(start.order, model)
    except PspmError as error:
        _work = error


def _make(span: Span, unfinished: Path) -> Segment:
    if isinstance(_work, PspmError):
        raise _work
    try:
        return _work.make(span, unfinished, threading.Event(), _advance)
    except WRITING_ERRORS as error:  # of FFmpeg, which no other process can unpickle
        raise OutputError(f"{unfinished} cannot be written: {error.strerror or error}; choose another place") from None


def _advance() -> None:
    with _count.get_lock():
        _count.value += 1
