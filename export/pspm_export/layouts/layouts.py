"""The layouts by name."""

from collections.abc import Callable
from pathlib import Path

from pspm_runtime.bundle import Bundle, open_bundle
from pspm_runtime.errors import ModelError, OutputError
from pspm_runtime.files.atomic_write import atomic_write

from pspm_export.layouts.huggingface import write_huggingface
from pspm_export.layouts.triton import write_triton

LAYOUTS: dict[str, Callable[[Bundle, Path], object]] = {"huggingface": write_huggingface, "triton": write_triton}


def lay_out(bundle: str | Path, layout: str, folder: Path) -> None:
    """Write a bundle, or a shipped model by its name, to a folder in a layout of `LAYOUTS`, whole or not at all.

    Raises ModelError for a network that the layout's program cannot run, OutputError for a folder that holds other
    files.
    """
    opened = open_bundle(bundle)
    if opened.format != "onnx":
        raise ModelError(
            f"{opened.name} is a {opened.format} file, and the layout {layout} takes ONNX; export it as onnx"
        )
    if opened.takes_trimap:
        raise ModelError(
            f"{opened.name} takes a trimap, and the layout {layout} takes photos alone; choose another model"
        )
    check_free(folder)
    try:
        with atomic_write(folder) as unfinished:
            unfinished.mkdir()
            LAYOUTS[layout](opened, unfinished)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror}; choose another place") from None


def check_free(folder: Path) -> None:
    """Raise OutputError if there is something at a path already, beside an empty folder."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder} holds something already; name a new folder")
