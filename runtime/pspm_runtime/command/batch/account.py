"""The account of a run: what became of every photo, as text, as JSON, or as JSON lines while it goes on."""

import json
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from pspm_runtime.command.standard_streams import print_error, print_output


class Style(Enum):
    """How an account is printed: for people, as one JSON document at the end, or as one JSON line per photo."""

    TEXT = "text"
    JSON = "json"
    JSON_LINES = "json lines"


@dataclass
class Account:
    """Counts the photos that were written, skipped because they were done already, and failed, and names the failures.

    many: whether the run was for more than one photo, so that numbers are of interest.
    left_out: files that are no photos, by kind. stopped: whether a signal ended the run early.
    """

    style: Style = Style.TEXT
    many: bool = False
    left_out: Counter[str] = field(default_factory=Counter)
    stopped: bool = False
    _counts: Counter[str] = field(default_factory=Counter)
    _failed: list[tuple[str, str]] = field(default_factory=list)
    # Only for JSON, so that memory does not grow with the photos otherwise.
    _named: dict[str, list[str]] = field(default_factory=lambda: {"written": [], "skipped": []})

    def written(self, photo: Path | str, result: Path) -> None:
        """Record a new result."""
        self._done("written", photo, result)

    def skipped(self, photo: Path | str, result: Path) -> None:
        """Record a result that was there already, from the same photo and recipe."""
        self._done("skipped", photo, result)

    def failed(self, photo: Path | str, error: str) -> None:
        """Record a photo without a result."""
        self._counts["failed"] += 1
        self._failed.append((str(photo), error))
        self._line({"input": str(photo), "status": "failed", "error": error})

    @property
    def photos(self) -> int:
        """How many photos were recorded."""
        return self._counts.total()

    def report(self) -> int:
        """Print the account, failures to standard error, and return the exit code: 0 if nothing failed, else 1."""
        if self.style is Style.TEXT:
            self._report_text()
        elif self.style is Style.JSON:
            print_output(json.dumps(self._document(), indent=2))
        elif self.many:
            self._line(self._totals())
        return 1 if self._failed else 0

    def _done(self, status: str, photo: Path | str, result: Path) -> None:
        self._counts[status] += 1
        if self.style is Style.JSON:
            self._named[status].append(str(result))
        self._line({"input": str(photo), "status": status, "output": str(result)})

    def _line(self, entry: dict[str, Any]) -> None:
        if self.style is Style.JSON_LINES:
            print_output(json.dumps(entry))

    def _document(self) -> dict[str, Any]:
        failed = [{"input": photo, "error": error} for photo, error in self._failed]
        if not self.many:
            return {"written": self._named["written"], "failed": failed}
        return {**self._named, "failed": failed, "left_out": dict(self.left_out), "stopped": self.stopped}

    def _totals(self) -> dict[str, Any]:
        totals = {status: self._counts[status] for status in ("written", "skipped", "failed")}
        return {"status": "end", **totals, "left_out": dict(self.left_out), "stopped": self.stopped}

    def _report_text(self) -> None:
        lines = []
        if self.many:
            done = self._counts["written"] + self._counts["skipped"]
            skipped = f", {self._counts['skipped']} of them earlier" if self._counts["skipped"] else ""
            stopped = "stopped early: " if self.stopped else ""
            lines.append(f"{stopped}{done} of {self.photos} photos done{skipped}")
            if self.left_out:
                kinds = sorted(self.left_out.items(), key=lambda entry: (-entry[1], entry[0]))
                lines.append("left out: " + ", ".join(f"{number} {kind}" for kind, number in kinds))
        for photo, error in self._failed:
            lines.append(f"pspm: {error}" if photo in error else f"pspm: {photo}: {error}")
        for line in lines:
            print_error(line)
