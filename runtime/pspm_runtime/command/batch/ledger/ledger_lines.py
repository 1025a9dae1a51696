"""Read the lines of ledgers, and remember a million of them in little memory."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Any

import numpy as np

LEDGER = ".pspm-ledger.jsonl"
# Of `pspm batch`: a folder of its own in the folder of results, and in it a folder of ledgers.
JOB_FOLDER = "_pspm"
JOB_LEDGERS = f"{JOB_FOLDER}/ledger"


class Digests:
    """A set of facts, each remembered as 8 bytes."""

    def __init__(self, facts: Iterable[list[Any]] = ()) -> None:
        self._sorted = np.sort(np.fromiter(map(_digest, facts), np.uint64))
        self._recent: set[int] = set()

    def add(self, fact: list[Any]) -> None:
        """Add a fact."""
        self._recent.add(_digest(fact))

    def __contains__(self, fact: list[Any]) -> bool:
        digest = _digest(fact)
        place = int(np.searchsorted(self._sorted, np.uint64(digest)))
        return digest in self._recent or (place < len(self._sorted) and int(self._sorted[place]) == digest)


class NamedResults:
    """The names of the results in a folder, from its ledgers; none if they cannot be read."""

    def __init__(self, folder: str) -> None:
        self._names = Digests([name] for name in self._all(folder))

    def __contains__(self, result: PurePath) -> bool:
        return [result.as_posix()] in self._names

    @staticmethod
    def _all(folder: str) -> Iterator[Any]:
        with suppress(OSError):
            yield from (line["result"] for line in ledger_lines(Path(folder, LEDGER)) if "result" in line)
        try:
            for ledger in sorted(Path(folder, JOB_LEDGERS).glob("*.jsonl")):
                yield from (line["output"] for line in ledger_lines(ledger) if line.get("status") == "done")
        except (OSError, KeyError):
            return


def ledger_lines(path: Path, start: int = 0, end: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield the lines of a ledger that begin from `start` to before `end`, without those that are damaged.

    Raises OSError.
    """
    with path.open("rb") as file:
        file.seek(start)
        while end is None or start < end:
            text = file.readline()
            if not text:
                return
            start += len(text)
            try:
                line = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(line, dict):
                yield line


def _digest(fact: list[Any]) -> int:
    return int.from_bytes(hashlib.blake2b(json.dumps(fact).encode(), digest_size=8).digest(), "big")
