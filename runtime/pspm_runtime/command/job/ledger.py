"""The ledgers of a job: which photos are done and which have failed, in lines that runs append.

Each run writes files of its own below `_pspm/ledger`, one for about a thousand photos. A line is written when the
result has its name, so a result that a line names is there. A run that is killed in between makes the result again: it
is the same. Damaged lines are ignored.
"""

import hashlib
import json
import secrets
import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from pspm_runtime.command.batch.ledger.ledger_lines import JOB_LEDGERS
from pspm_runtime.command.batch.planning.shard import Shard
from pspm_runtime.command.job.digest_set import DigestSet, digest, digests, last_of
from pspm_runtime.command.job.item import Delivered, Item
from pspm_runtime.command.job.places.place import Log, Place
from pspm_runtime.errors import OutputError, PspmError

FORMAT = 1
UNIT = 1000
DONE, FAILED = "done", "failed"


class JobLedger:
    """The ledgers of an output, as one run of a job sees and writes them.

    recipe: what results depend on besides their photos. limits: what failures depend on besides.
    shard: the part of the photos that this run does; only its lines are remembered.
    """

    def __init__(self, place: Place, recipe: dict[str, Any], limits: dict[str, Any], shard: Shard) -> None:
        self._place = place
        self._shard = shard
        self._of = recipe
        self._recipe = _hash(recipe)
        self._limits = _hash({**recipe, **limits})
        self.run = _new_run()
        self._done, self._failed, self._contents = DigestSet(), DigestSet(), DigestSet()
        self._log: Log | None = None
        self._lines = 0
        self._unit = 0

    def read(self) -> None:
        """Remember what earlier runs did. Raises OutputError for a ledger of a newer version."""
        failed, results, done, contents, of_content = (array("Q") for _ in range(5))
        for line in self._earlier():
            photo, result = _name(str(line.get("path"))), str(line.get("output"))
            key, sha256 = str(line.get("key")), str(line.get("sha256"))
            if line.get("status") == DONE:
                is_ours = line.get("recipe") == self._recipe
                results.append(digest(result))
                done.append(digest(photo, key, result) if is_ours else 0)
                has_content = is_ours and "sha256" in line
                contents.append(digest(photo, result) if has_content else 0)
                of_content.append(digest(photo, sha256, result) if has_content else 0)
            elif line.get("limits") == self._limits:
                failed.append(digest(photo, key, result))
        # The last line of a result says what is there now: it may have been replaced since, by another recipe.
        last = last_of(np.frombuffer(results, np.uint64))
        self._done.add(np.frombuffer(done, np.uint64)[last])
        self._failed.add(np.frombuffer(failed, np.uint64))
        for facts in (contents, of_content):
            self._contents.add(np.frombuffer(facts, np.uint64)[last])

    def _earlier(self) -> Iterator[dict[str, Any]]:
        part = f"{self._shard.number}of{self._shard.count}"
        for name in self._place.sizes(JOB_LEDGERS):
            # Another part of the same division holds none of the photos of this one.
            of = name.rsplit("/", 1)[-1].split("-")[2:3]
            if of and of[0] != part and of[0].endswith(f"of{self._shard.count}"):
                continue
            for line in self._place.read(name):
                if isinstance(line.get("ledger"), int) and line["ledger"] > FORMAT:
                    raise OutputError(
                        f"{self._place.address}/{name} is of a newer version of PSPM; update PSPM, or choose another "
                        "output"
                    )
                if "path" in line and self._shard.holds(str(line.get("output"))):
                    yield line

    def are_done(self, unit: list[Item]) -> np.ndarray:
        """Which photos of a unit are done: bool (n,)."""
        return self._done.contains(_facts(unit))

    def have_failed(self, unit: list[Item]) -> np.ndarray:
        """Which photos of a unit have failed, and would fail again: bool (n,)."""
        return self._failed.contains(_facts(unit))

    def has_content(self, item: Item, sha256: Callable[[Item], str | None]) -> str | None:
        """The sha256 of a photo that is done by its content, though its time or size is another one; else None.

        sha256: reads the photo. It is asked only for photos whose content is known.
        """
        known = self._contents
        if not len(known) or not known.contains(digests([digest(_name(item.photo), item.result)]))[0]:
            return None
        found = sha256(item)
        asked = None if found is None else digests([digest(_name(item.photo), found, item.result)])
        return found if asked is not None and known.contains(asked)[0] else None

    def add(self, item: Item, outcome: Delivered | PspmError) -> None:
        """Append the line of a photo. Raises OutputError if that fails."""
        line: dict[str, Any] = {"path": item.photo, "key": item.key, "output": item.result}
        if isinstance(outcome, Delivered):
            line |= {"status": DONE, "ms": outcome.milliseconds, "bytes": outcome.size, "recipe": self._recipe}
            if outcome.frames_left:
                line["frames_left"] = outcome.frames_left
            if not outcome.has_person:
                line["no_person"] = True
            if outcome.sha256:
                line["sha256"] = outcome.sha256
        else:
            line |= {"status": FAILED, "error": str(outcome), "recipe": self._recipe}
            if not isinstance(outcome, OutputError):  # what was wrong with the output may be right the next time
                line["limits"] = self._limits
        if self._log is None or self._lines >= UNIT:
            self._begin_unit()
        assert self._log is not None  # noqa: S101
        self._log.append(json.dumps(line))
        self._lines += 1

    def close(self) -> None:
        """End the unit that was begun. Raises OutputError."""
        if self._log is not None:
            log, self._log = self._log, None
            log.close()

    def begin(self) -> None:
        """Begin the first unit, which fails where the output cannot be written."""
        if self._log is None:
            self._begin_unit()

    def _begin_unit(self) -> None:
        self.close()
        part = f"{self._shard.number}of{self._shard.count}"
        self._log = self._place.log(f"{JOB_LEDGERS}/{self.run}-{part}-{self._unit:06d}.jsonl")
        self._lines, self._unit = 0, self._unit + 1
        self._log.append(json.dumps({"ledger": FORMAT, "recipe": self._recipe, "of": self._of}))


def in_units(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items, so many at a time as are planned together."""
    unit: list[Item] = []
    for item in items:
        unit.append(item)
        if len(unit) == UNIT:
            yield unit
            unit = []
    if unit:
        yield unit


def _new_run() -> str:
    """A name that no other run has. Names of later runs come later, because the last line of a result counts."""
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(seconds))}.{nanoseconds:09d}Z-{secrets.token_hex(4)}"


def _facts(unit: list[Item]) -> np.ndarray:
    return digests(digest(_name(item.photo), item.key, item.result) for item in unit)


def _name(photo: str) -> str:
    """The last part of a path, because folders may be seen at another place the next time."""
    return photo.rsplit("/", 1)[-1]


def _hash(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
