"""The account of a run: what became of every photo, as text, as JSON, or as JSON lines while it goes on."""

import json
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from pspm_runtime.command.standard_streams import print_error, print_output
from pspm_runtime.errors import OutputError, one_line

# So many photos without a person are named to people; JSON names all.
NAMED_WITHOUT_PERSON = 3


class Style(Enum):
    """How an account is printed: for people, only failures, as one JSON document at the end, or a JSON line a photo."""

    TEXT = "text"
    QUIET = "quiet"
    JSON = "json"
    JSON_LINES = "json lines"


@dataclass
class Account:
    """Counts the photos that were written, skipped because they were done already, and failed, and names the failures.

    many: whether the run was for more than one photo, so that numbers are of interest.
    left_out: files that are not photos, by kind. stopped: whether the run ended early.
    most_named: how many failures are named at the end, None for all. all_in: where the others are.
    """

    style: Style = Style.TEXT
    many: bool = False
    left_out: Counter[str] = field(default_factory=Counter)
    stopped: bool = False
    most_named: int | None = None
    all_in: str = ""
    _counts: Counter[str] = field(default_factory=Counter)
    # Names are kept only for what is printed at the end, so that memory does not grow with the photos otherwise.
    _failed: list[tuple[str, str]] = field(default_factory=list)
    _named: dict[str, list[str]] = field(default_factory=lambda: {"written": [], "skipped": []})
    _frames_left: dict[str, int] = field(default_factory=dict)
    _no_person: list[str] = field(default_factory=list)

    def written(self, photo: Path | str, result: Path | str, frames_left: int = 0, *, has_person: bool = True) -> None:
        """Record a new result, of a photo of which some frames were left out and in which nobody may be."""
        if not has_person:
            self._counts["no person"] += 1
            self._no_person.append(str(photo))
            if self.style is not Style.JSON and self.many:
                # The first by name, whatever order several processes end in.
                self._no_person = sorted(self._no_person)[:NAMED_WITHOUT_PERSON]
        if frames_left:
            self._counts["of several frames"] += 1
            if self.style is Style.JSON or not self.many:
                self._frames_left[str(photo)] = frames_left
        self._done("written", photo, result, frames_left, has_person=has_person)

    def skipped(self, photo: Path | str, result: Path | str) -> None:
        """Record a result that was there already, from the same photo and recipe."""
        self._done("skipped", photo, result)

    def failed(self, photo: Path | str, error: str) -> None:
        """Record a photo without a result."""
        self._counts["failed"] += 1
        if self.style is not Style.JSON_LINES and (self.most_named is None or len(self._failed) < self.most_named):
            self._failed.append((str(photo), error))
        self._line({"input": str(photo), "status": "failed", "error": error})

    def failed_earlier(self, photo: str) -> None:
        """Record a photo that failed in an earlier run and was not tried again."""
        self._counts["failed"] += 1
        self._counts["failed earlier"] += 1
        self._line({"input": photo, "status": "failed", "error": "it failed in an earlier run"})

    def report(self) -> int:
        """Print the account, failures to standard error, and return the exit code: 0 if nothing failed, else 1.

        If standard output has gone or is full, the account is printed as text, and the error is raised.
        """
        try:
            if self.style is Style.JSON:
                print_output(json.dumps(self._document(), indent=2))
            elif self.style is Style.JSON_LINES and self.many:
                self._line(self._totals())
        except (OutputError, BrokenPipeError):
            self._print_text()
            raise
        if self.style in (Style.TEXT, Style.QUIET):
            self._print_text()
        return 1 if self._counts["failed"] else 0

    def _done(
        self, status: str, photo: Path | str, result: Path | str, frames_left: int = 0, *, has_person: bool = True
    ) -> None:
        self._counts[status] += 1
        if self.style is Style.JSON:
            self._named[status].append(str(result))
        entry: dict[str, Any] = {"input": str(photo), "status": status, "output": str(result)}
        if frames_left:
            entry["frames_left"] = frames_left
        if not has_person:
            entry["no_person"] = True
        self._line(entry)

    def _line(self, entry: dict[str, Any]) -> None:
        if self.style is Style.JSON_LINES:
            print_output(json.dumps(entry))

    def _document(self) -> dict[str, Any]:
        failed = [{"input": photo, "error": error} for photo, error in self._failed]
        left: dict[str, Any] = {"frames_left": self._frames_left} if self._frames_left else {}
        if self._no_person:
            left["no_person"] = self._no_person
        if not self.many:
            return {"written": self._named["written"], "failed": failed, **left}
        return {**self._named, "failed": failed, "left_out": dict(self.left_out), "stopped": self.stopped, **left}

    def _totals(self) -> dict[str, Any]:
        totals = {status: self._counts[status] for status in ("written", "skipped", "failed")}
        if self._counts["no person"]:
            totals["no_person"] = self._counts["no person"]
        return {"status": "end", **totals, "left_out": dict(self.left_out), "stopped": self.stopped}

    def _print_text(self) -> None:
        if self.many and self.style is not Style.QUIET:
            print_error(self._numbers())
            if self.left_out:
                print_error(f"left out: {kinds(self.left_out)}")
        if self.style is not Style.QUIET and self._counts["of several frames"]:
            print_error(self._frames())
        if self.style is not Style.QUIET and self._counts["no person"]:
            print_error(self._without_person())
        for photo, error in self._failed:
            print_error(f"pspm: {error}" if one_line(photo) in error else f"pspm: {photo}: {error}")
        unnamed = self._counts["failed"] - self._counts["failed earlier"] - len(self._failed)
        if unnamed:
            print_error(f"pspm: {_one_or_more(unnamed, 'more photo')} failed; all are in {self.all_in}")
        if self._counts["failed earlier"]:
            photos = _one_or_more(self._counts["failed earlier"], "photo")
            print_error(f"pspm: {photos} failed in an earlier run; give --retry-failed to try again")

    def _frames(self) -> str:
        """The one sentence about the frames that were left out."""
        if self.many:
            photos = _one_or_more(self._counts["of several frames"], "photo")
            return f"of {photos} with several frames or pages, only the first one was processed; give --frames for all"
        photo, left = next(iter(self._frames_left.items()))
        name = "standard input" if photo == "-" else photo
        return (
            f"pspm: {name} has {_one_or_more(left, 'more frame')} or pages, which were left out; "
            "give --frames for all of them"
        )

    def _without_person(self) -> str:
        """The one sentence about photos whose matte is empty."""
        if self.many:
            count, named = self._counts["no person"], [one_line(photo) for photo in self._no_person]
            more = f" and {count - len(named)} more" if count > len(named) else ""
            return f"no person found in {_one_or_more(count, 'photo')}: {', '.join(named)}{more}"
        photo = self._no_person[0]
        frames = len(self._no_person)
        name = "standard input" if photo == "-" else photo
        return (
            f"pspm: no person found in {name}" if frames == 1 else f"pspm: no person found in {frames} frames of {name}"
        )

    def _numbers(self) -> str:
        done = self._counts["written"] + self._counts["skipped"]
        photos = done + self._counts["failed"]
        earlier = f", {self._counts['skipped']} of them earlier" if self._counts["skipped"] else ""
        if not self.stopped:
            return f"{done} of {photos} photos done{earlier}"
        failed = f", {self._counts['failed']} failed" if self._counts["failed"] else ""
        return f"stopped early: {done} {'photo' if done == 1 else 'photos'} done{earlier}{failed}, the rest is not done"


def _one_or_more(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def kinds(left_out: Counter[str]) -> str:
    """Number and kind of what was left out, the most frequent first: "3 .dng, 1 hidden"."""
    by_number = sorted(left_out.items(), key=lambda entry: (-entry[1], entry[0]))
    return ", ".join(f"{number} {kind}" for kind, number in by_number)
