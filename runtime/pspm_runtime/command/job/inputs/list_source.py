"""The photos of a list."""

import os
import posixpath
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePath
from typing import IO, Any

from pspm_runtime.command.batch.planning.folder_set import is_inside
from pspm_runtime.command.batch.planning.names import folded, result_name
from pspm_runtime.command.batch.planning.protected_inputs import ProtectedInputs
from pspm_runtime.command.job.digest_set import DigestSet, digest, digests
from pspm_runtime.command.job.inputs.folder_source import with_state
from pspm_runtime.command.job.inputs.lists import read_list
from pspm_runtime.command.job.inputs.stored import with_stored_states
from pspm_runtime.command.job.item import Item
from pspm_runtime.command.job.ledger import in_units
from pspm_runtime.command.job.places.addresses import Address, is_address, split
from pspm_runtime.errors import OutputError, PhotoError, PspmError


class ListSource:
    """Every photo that a list names, by its path or address.

    A relative path begins at the root, and its result has the same path. So has a path or an address that leads into
    the root; any other one is kept as a whole, without / or s3:// before it: its result is in folders of its own.

    opened: opens the list. name: of the list. column: of the paths. root: where relative paths begin, a folder or an
    address. out: a folder or an address. suffix: of the results. inputs: files that no result may replace.
    folds: whether the disk of the output takes names for one that differ in letter case.
    """

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[IO[bytes]]],
        name: str,
        column: str | None,
        root: str,
        out: str,
        suffix: str,
        inputs: Iterable[Path],
        *,
        folds: bool,
    ) -> None:
        self._opened, self._name, self._column = opened, name, column
        self._out, self._suffix, self._folds = out, suffix, folds
        self._store_root = Address.parse(root) if is_address(root) else None
        self._root = "" if self._store_root else os.path.abspath(root)  # noqa: PTH100 - without following links
        self._store_out = Address.parse(out) if is_address(out) else None
        self._real_out = os.path.realpath(out)
        self._real_folder = lru_cache(maxsize=64)(os.path.realpath)
        same = self._store_out == self._store_root if self._store_out else self._real_out == os.path.realpath(root)
        if same and (self._store_root is None) == (self._store_out is None):
            raise OutputError(f"{out} is the folder of the photos; give another one with -o")
        list_file = [] if is_address(name) else [Path(name)]
        self._inputs = ProtectedInputs([*list_file, *inputs], None, None if self._store_out else Path(out))
        self.left_out: Counter[str] = Counter()

    def items(self) -> Iterator[Item]:
        """See `Source`."""
        photos, results = DigestSet(), DigestSet()
        with self._opened() as file:
            for unit in in_units(self._item(text) for text in read_list(file, self._name, self._column)):
                yield from self._first_ones(unit, photos, results)

    def _first_ones(self, unit: list[Item], photos: DigestSet, results: DigestSet) -> Iterator[Item]:
        """The photos that are new, and an error for a photo whose result another one has."""
        of_photos = digests(digest(item.photo) for item in unit)
        of_results = digests(digest(folded(item.result) if self._folds else item.result) for item in unit)
        earlier, taken = photos.contains(of_photos), results.contains(of_results)
        seen: set[Any] = set()
        named: set[Any] = set()
        for item, photo, result, was_earlier, is_taken in zip(unit, of_photos, of_results, earlier, taken, strict=True):
            if was_earlier or photo in seen:
                self.left_out["given twice"] += 1
                continue
            if (is_taken or result in named) and not item.error:
                error = OutputError(
                    f"{item.photo} would have the same result as another photo of the list, {item.result}"
                )
                item = replace(item, error=error)
            seen.add(photo)
            named.add(result)
            yield item
        photos.add(of_photos)
        results.add(of_results)

    def with_states(self, unit: list[Item]) -> list[Item]:
        """See `Source`."""
        stored = [item for item in unit if is_address(item.photo) and not item.error]
        known = iter(with_stored_states(stored, self._options()))
        return [item if item.error else next(known) if is_address(item.photo) else with_state(item) for item in unit]

    def check(self, item: Item) -> None:
        """See `Source`."""
        if self._store_out is None:
            self._inputs.check(Path(self._out, item.result), None if is_address(item.photo) else Path(item.photo))

    def _options(self) -> str:
        return self._store_root.options if self._store_root else ""

    def _item(self, text: str) -> Item:
        try:
            if is_address(text):
                return self._stored(split(text))
            if self._store_root and not text.startswith("/"):
                key = posixpath.normpath(posixpath.join("/", text)).lstrip("/")
                if ".." in text.split("/"):
                    raise PhotoError(f"{text} leads out of {self._store_root}; write its whole address")
                return self._stored(self._store_root.at(posixpath.join(self._store_root.key, key)))
            return self._on_disk(text)
        except PspmError as error:
            return Item(text, _result(PurePath(text).name or "photo", self._suffix), error=error)

    def _stored(self, address: Address) -> Item:
        root, whole = self._store_root, f"{address.host}/{address.key}"
        inside = root and root.holds(address) and address.key != root.key
        name = address.key[len(root.key) :].lstrip("/") if root and inside else whole
        error = None
        if self._store_out and self._store_out.holds(address):
            error = OutputError(f"{address} is in the output; give another one with -o")
        return Item(str(address), _result(name, self._suffix), error=error)

    def _on_disk(self, text: str) -> Item:
        if "\0" in text:
            raise PhotoError(f"{text} is no path, because it has a character 0; correct the list")
        path = os.path.normpath(os.path.join(self._root or "/", text))  # noqa: PTH118 - ten times as fast as Path
        name = os.path.relpath(path, self._root) if self._root and is_inside(path, self._root) else path
        error = None
        if self._store_out is None and is_inside(self._real_folder(os.path.dirname(path)), self._real_out):  # noqa: PTH120
            error = OutputError(f"{path} is in the output; give another one with -o")
        return Item(path, _result(name, self._suffix), error=error)


def _result(name: str, suffix: str) -> str:
    parts = PurePath(name)
    below = parts.relative_to(parts.anchor) if parts.anchor else parts
    return below.with_name(result_name(below.name, suffix)).as_posix()
