"""From a photo to its result at its place, in any process or machine."""

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pspm_runtime.command.batch.work import Work, attempt, killer
from pspm_runtime.command.job.item import Delivered, Item
from pspm_runtime.command.job.places.addresses import is_address, split
from pspm_runtime.command.job.places.back_off import reason
from pspm_runtime.command.job.places.open_place import open_place
from pspm_runtime.command.job.places.store import bucket
from pspm_runtime.errors import PhotoError, PspmError
from pspm_runtime.files.file_object import largest_photo

_PART = 1 << 20


@dataclass(frozen=True)
class Delivery:
    """Read a photo, do the work, and write the result; see `Task`.

    out: the address of the output. run: the name of the run. force: replace other files. options: of the addresses of
    photos. by_content: answer the sha256 of each photo.
    """

    work: Work
    out: str
    run: str
    force: bool
    options: str = ""
    by_content: bool = False

    def for_jobs(self) -> Callable[[Item], Delivered | PspmError]:
        """See `Task`."""
        apply = self.work.open()
        place = open_place(self.out)
        place.join(self.run)

        def deliver(item: Item) -> Delivered:
            start = time.perf_counter()
            photo = self._photo(item)
            sha256 = sha256_of(photo) if self.by_content else None
            result = apply(photo)
            place.deliver(item.result, result.data, force=self.force)
            milliseconds = round(1000 * (time.perf_counter() - start))
            return Delivered(milliseconds, len(result.data), result.frames_left, result.has_person, sha256)

        return lambda item: attempt(deliver, item, item.photo)

    def in_one_of(self, processes: int) -> "Delivery":
        """See `Task`."""
        return replace(self, work=self.work.in_one_of(processes))

    def on_any_machine(self, threads: int) -> "Delivery":
        """The same task, with what it reads besides photos, for machines that have other disks."""
        effect = replace(self.work.effect.with_picture_read(), threads=threads)
        out = self.out if is_address(self.out) else os.path.abspath(self.out)  # noqa: PTH100
        return replace(self, work=replace(self.work, effect=effect), out=out)

    def ended_its_process(self, job: Item) -> Delivered | PspmError:
        """See `Task`."""
        return killer(job.photo)

    def _photo(self, item: Item) -> bytes | Path:
        return read_photo(item, self.options, self.work.effect.max_megapixels)


def read_photo(item: Item, options: str, max_megapixels: float) -> bytes | Path:
    """A photo on a disk as its path, one in a store as its bytes. Raises PhotoError."""
    if not is_address(item.photo):
        return Path(item.photo)
    address = replace(split(item.photo), options=options)
    try:
        return bucket(address.root).read(address.key, largest_photo(max_megapixels))
    except FileNotFoundError:
        raise PhotoError(f"{address} does not exist; correct the list") from None
    except OSError as error:
        raise PhotoError(f"{address} cannot be read ({reason(error)}); check it and the credentials") from None


def sha256_of(photo: bytes | Path) -> str:
    """The sha256 of a photo. Raises PhotoError if it cannot be read."""
    if isinstance(photo, bytes):
        return hashlib.sha256(photo).hexdigest()
    try:
        with photo.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PhotoError(f"{photo} cannot be read: {error.strerror}; check it") from None
