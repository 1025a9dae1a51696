"""Open the place of a job's results."""

from pathlib import Path

from pspm_runtime.command.job.places.addresses import Address, is_address
from pspm_runtime.command.job.places.folder import Folder
from pspm_runtime.command.job.places.store import Store


def open_place(out: str) -> Folder | Store:
    """A folder, or a prefix of a store by its address. Raises PspmError for an address that is none."""
    return Store(Address.parse(out)) if is_address(out) else Folder(Path(out))
