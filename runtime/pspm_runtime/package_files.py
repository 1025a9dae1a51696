"""Files that ship with the package, as paths, wherever it is installed: in a folder, a zip, or a frozen program."""

import atexit
import shutil
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import mkdtemp

from pspm_runtime.errors import PspmError


@cache
def packaged(name: str) -> Path:
    """The path of a file or folder of `pspm_runtime`, such as "weights/mobile".

    From a zip it is unpacked to a temporary folder, once per process. Raises PspmError if that is not possible.
    """
    resource = files("pspm_runtime").joinpath(*name.split("/"))
    if isinstance(resource, Path):
        return resource
    try:
        folder = Path(mkdtemp(prefix="pspm-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _unpack(resource, folder / resource.name)
    except OSError as error:
        raise PspmError(
            f"{name} of pspm_runtime cannot be unpacked ({error.strerror}); install it in a folder"
        ) from None
    return folder / resource.name


def packaged_names(folder: str) -> list[str]:
    """The names of the files and folders in a folder of `pspm_runtime`; empty without it."""
    resource = files("pspm_runtime").joinpath(folder)
    return [entry.name for entry in resource.iterdir()] if resource.is_dir() else []


def installed_version(package: str) -> str:
    """The version of an installed package, "unknown" without its metadata, as in a zip or a frozen program."""
    try:
        return version(package)
    except Exception:  # no metadata, or damaged metadata
        return "unknown"


def _unpack(source: Traversable, target: Path) -> None:
    if source.is_dir():
        target.mkdir()
        for entry in source.iterdir():
            _unpack(entry, target / entry.name)
    else:
        target.write_bytes(source.read_bytes())
