"""Write a model file and the JSON file that describes it into a folder, both or neither."""

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from pspm_runtime.errors import OutputError
from pspm_runtime.files.atomic_write import UNFINISHED, atomic_write


class Unfinished(NamedTuple):
    """model: where to write the model file or folder. facts: to fill with what the description says of it."""

    model: Path
    facts: dict[str, Any]


@contextmanager
def described_model(folder: Path, model: str, description: str) -> Iterator[Unfinished]:
    """Yield a place beside the folder for a model; on success move it in, then write its description.

    The description comes last: without it, or with an old one whose sha256 differs, no reader takes the file. After an
    exception the folder is as it was. Raises OutputError if the disk is full.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(dir=folder.parent, prefix=UNFINISHED) as beside:
            unfinished = Unfinished(Path(beside) / model, {})
            yield unfinished
            with atomic_write(folder / model) as path:
                unfinished.model.replace(path)
            with atomic_write(folder / description) as path:
                path.write_text(json.dumps(unfinished.facts, indent=2) + "\n")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise OutputError(f"the disk of {folder} is full, so nothing was written; make room") from None
        raise
