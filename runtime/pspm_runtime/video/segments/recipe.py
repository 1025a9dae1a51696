"""Recipe: what the segments of a run depend on. Segments of different recipes are never joined."""

import hashlib
import os
from pathlib import Path
from typing import Any

from pspm_runtime.errors import PspmError
from pspm_runtime.model import Model
from pspm_runtime.package_files import installed_version
from pspm_runtime.video.background import background_path
from pspm_runtime.video.order import Order
from pspm_runtime.video.segments.plan import SECONDS


def recipe(order: Order, model: Model) -> dict[str, Any]:
    """What a run in segments depends on, by the names in which errors speak of it.

    Raises PspmError for a model or a background that another process cannot open again.
    """
    if model.bundle is None:
        raise PspmError("a run in segments needs a model by its name or its folder, not an engine; give that")
    path = background_path(order.background)
    if path is None and order.background is not None and not isinstance(order.background, str):
        raise PspmError("a run in segments needs a colour or a file as background; save the picture, and give its name")
    return {
        "video": _state(order.path),
        "background": order.background if path is None else _state(path),
        "blur": order.blur,
        "matte": order.matte,
        "layout": "stacked" if order.stacked else None,
        "start": str(order.start),
        "duration": None if order.duration is None else str(order.duration),
        "sound": order.sound,
        "model": model.bundle.sha256,
        "quality": model.quality,
        "version of PSPM": installed_version("pspm"),
        "version of PyAV": installed_version("av"),
        "length of segments": SECONDS,
    }


def _state(path: Path) -> list[Any]:
    """What a file is like: its size, when it was changed, and a checksum of its beginning."""
    try:
        facts = os.stat(path)  # noqa: PTH116 - as the ledger of photos
        with path.open("rb") as file:
            head = hashlib.sha256(file.read(1 << 16)).hexdigest()[:16]
    except OSError as error:
        raise PspmError(f"{path} cannot be read: {error.strerror}; check the path") from None
    return [facts.st_size, facts.st_mtime_ns, head]
