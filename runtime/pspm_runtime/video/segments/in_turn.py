"""In turn: the parts of a video one after the other in this process, each for whoever joins it to the result."""

import tempfile
import threading
from collections.abc import Callable, Generator
from pathlib import Path

from pspm_runtime.model import Model
from pspm_runtime.video.alpha_first import WrittenPart
from pspm_runtime.video.container.reader import VideoReader
from pspm_runtime.video.order import Order
from pspm_runtime.video.segments.plan import expected, spans
from pspm_runtime.video.segments.work import SegmentWork


def parts_in_turn(
    order: Order, model: Model, reader: VideoReader, folder: Path, stop: threading.Event, advance: Callable[[], None]
) -> Generator[tuple[Path, WrittenPart]]:
    """Make the parts of a person with transparency, as `write_alpha_first` does, and yield each of them.

    Those with frames are files in a temporary folder in `folder`; each is removed when the next one is asked for. stop:
    set to end early, with what is finished. advance: is called after each matte. Raises the error that ended a part
    early, after that part.
    """
    promised = expected(reader)
    with SegmentWork(order, model) as work, tempfile.TemporaryDirectory(dir=folder) as parts:
        path = Path(parts) / f"part{order.out.suffix}"
        for span in spans(reader):
            part = work.make_part(span, path, stop, advance, unfinished=True)
            yield path, part
            path.unlink(missing_ok=True)
            if part.error is not None:
                raise part.error
            if stop.is_set() or (part.ended and (promised is None or span.number + 1 >= promised)):
                return
