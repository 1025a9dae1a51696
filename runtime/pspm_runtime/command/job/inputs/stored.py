"""The photos below a prefix of an object store."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any

from pspm_runtime.command.batch.ledger.ledger_lines import JOB_FOLDER, JOB_LEDGERS
from pspm_runtime.command.batch.planning.names import is_photo, result_name
from pspm_runtime.command.job.digest_set import DigestSet, digest, digests
from pspm_runtime.command.job.item import Item
from pspm_runtime.command.job.places.addresses import Address, split
from pspm_runtime.command.job.places.back_off import reason
from pspm_runtime.command.job.places.store import Store, bucket
from pspm_runtime.errors import OutputError, PhotoError


class StoredSource:
    """Every photo below a prefix. It is listed a folder at a time; the names of one folder are in memory.

    out: the address of the output if that is on a store, too. suffix: of the results.
    """

    def __init__(self, at: Address, out: Address | None, suffix: str) -> None:
        if out == at:
            raise OutputError(f"{out} is the place of the photos; give another one with -o")
        self._at, self._out, self._suffix = at, out, suffix
        self._bucket = bucket(at.root)
        self.left_out: Counter[str] = Counter()

    def items(self) -> Iterator[Item]:
        """See `Source`."""
        yield from self._below(self._at.key, "", DigestSet())

    def _below(self, key: str, place: str, results: DigestSet) -> Iterator[Item]:
        try:
            entries = self._bucket.entries(key)
        except OSError as error:
            raise PhotoError(
                f"{self._at.at(key)} cannot be listed ({reason(error)}); check the address and the credentials"
            ) from None
        if any(entry.base_name == JOB_FOLDER for entry in entries):
            results = _results(Store(self._at.at(key)), place)
        folders = []
        for entry in entries:
            name = str(entry.base_name)
            if self._bucket.is_folder(entry):
                folders.append(name)
            elif kind := _not_a_photo(name):
                self.left_out[kind] += 1
            elif len(results) and results.contains(digests([digest(place + name)]))[0]:
                self.left_out["made by an earlier run"] += 1
            else:
                changed = -1 if entry.mtime_ns is None else int(entry.mtime_ns)
                result = place + result_name(name, self._suffix)
                yield Item(f"{self._at.at(_join(key, name))}", result, int(entry.size), changed)
        del entries
        for name in folders:
            below = self._at.at(_join(key, name))
            if self._out and self._out.holds(below):
                self.left_out["folder of results"] += 1
            elif name != JOB_FOLDER:
                yield from self._below(below.key, f"{place}{name}/", results)

    def with_states(self, unit: list[Item]) -> list[Item]:
        """See `Source`. The list had the states."""
        return unit

    def check(self, item: Item) -> None:
        """See `Source`."""
        if self._out and self._at.holds(self._out):
            return
        if self._out and self._at.holds(self._out.at(_join(self._out.key, item.result))):
            raise OutputError(f"the result of {item.photo} would be among the photos; give another output with -o")


def with_stored_states(items: list[Item], options: str) -> list[Item]:
    """Photos of any buckets with size and time, unchanged where one is missing. options: of the addresses."""
    known: dict[str, Any] = {}
    addresses = {item.photo: replace(split(item.photo), options=options) for item in items}
    for root, group in groupby(sorted(addresses.values(), key=lambda address: address.root), lambda a: a.root):
        some = list(group)
        try:
            states = bucket(root).states([address.key for address in some])
        except OSError as error:
            raise PhotoError(f"{root} cannot be read ({reason(error)}); check the list and the credentials") from None
        known.update((str(address), state) for address, state in zip(some, states, strict=True))
    return [_with_state(item, known[str(addresses[item.photo])]) for item in items]


def _with_state(item: Item, state: Any) -> Item:
    if state.size is None:
        return item
    return replace(item, size=int(state.size), changed_ns=-1 if state.mtime_ns is None else int(state.mtime_ns))


def _results(place: Store, prefix: str) -> DigestSet:
    """The results of an earlier job, whose output holds photos, too."""
    found = DigestSet()
    for name in place.sizes(JOB_LEDGERS):
        outputs = (line["output"] for line in place.read(name) if line.get("status") == "done")
        found.add(digests(digest(prefix + str(output)) for output in outputs))
    return found


def _not_a_photo(name: str) -> str | None:
    """The kind of what is left out, None for a photo."""
    if name.startswith("."):
        return "hidden"
    return None if is_photo(name) else PurePosixPath(name).suffix.lower() or "without suffix"


def _join(key: str, name: str) -> str:
    return f"{key}/{name}" if key else name
