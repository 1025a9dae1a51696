"""Choose the source of a job's photos by its input."""

import os
from io import BufferedReader
from pathlib import Path
from typing import IO

from pspm_runtime.command.batch.planning.names import PHOTO_SUFFIXES, Disk, is_photo
from pspm_runtime.command.job.inputs.folder_source import FolderSource
from pspm_runtime.command.job.inputs.list_source import ListSource
from pspm_runtime.command.job.inputs.lists import is_list, list_suffixes
from pspm_runtime.command.job.inputs.source import Source
from pspm_runtime.command.job.inputs.stored import StoredSource
from pspm_runtime.command.job.order import JobOrder
from pspm_runtime.command.job.places.addresses import Address, is_address
from pspm_runtime.command.job.places.back_off import reason
from pspm_runtime.command.job.places.store import bucket
from pspm_runtime.errors import PhotoError, PspmError

_READ_AHEAD = 1 << 20
KINDS = f"a folder, a list ({list_suffixes()}), or an address such as s3://bucket/photos"


def open_source(job: JobOrder, unfinished: str) -> Source:
    """The photos of a job. unfinished: where the disk of the output may be asked about names.

    Raises PspmError for an input that is none, and for options that it does not take.
    """
    given, order = job.input, job.order
    listed = is_list(given) and not (not is_address(given) and Path(given).is_dir())
    if not listed and (job.column is not None or job.root is not None):
        option = "--column" if job.column is not None else "--root"
        raise PspmError(f"{option} is for a list of photos; leave it out for {given}")
    to_store = is_address(order.out)
    disk = Disk(None if to_store else Path(unfinished))
    inputs = order.effect.inputs
    if is_address(given):
        address = Address.parse(given)
        if not listed:
            _refuse_one_photo(given)
            return StoredSource(address, Address.parse(order.out) if to_store else None, order.suffix)
    elif not os.path.lexists(given):
        raise PhotoError(f"{given} does not exist; give {KINDS}")
    elif not listed:
        if not Path(given).is_dir():
            _refuse_one_photo(given)
            raise PhotoError(f"{given} is neither a folder nor a list; give {KINDS}")
        return FolderSource(Path(given), None if to_store else Path(order.out), order.suffix, inputs, disk)
    root = job.root or _folder_of(given)
    folds = disk.same("a", "A")
    return ListSource(lambda: _open(given), given, job.column, root, order.out, order.suffix, inputs, folds=folds)


def _refuse_one_photo(given: str) -> None:
    if is_photo(given):
        raise PhotoError(f"{given} is one photo by its name; use pspm cutout and the like for it, or give {KINDS}")


def _folder_of(given: str) -> str:
    if not is_address(given):
        return os.path.dirname(given) or "."  # noqa: PTH120
    address = Address.parse(given)
    above = str(address.at(address.key.rpartition("/")[0]))
    return f"{above}?{address.options}" if address.options else above


def _open(given: str) -> IO[bytes]:
    try:
        if is_address(given):
            address = Address.parse(given)
            return BufferedReader(bucket(address.root).open(address.key), _READ_AHEAD)
        return Path(given).open("rb")
    except FileNotFoundError:
        raise PhotoError(f"{given} does not exist; give {KINDS}") from None
    except OSError as error:
        raise PhotoError(f"{given} cannot be read ({error.strerror or reason(error)}); check it") from None


NO_PHOTOS = f"holds no photos ({', '.join(PHOTO_SUFFIXES)})"
