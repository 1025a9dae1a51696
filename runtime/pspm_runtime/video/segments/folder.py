"""Folder: where the segments of a run are, beside the result, until they are joined."""

import contextlib
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from pspm_runtime.errors import OutputError
from pspm_runtime.video.segments.segment import Segment

FORMAT = 1
RECIPE = "run.json"
SUFFIX = ".segments"
_UNFINISHED = ".unfinished-"


class SegmentsFolder:
    """The folder NAME.segments of a result. `close` lets other runs use it.

    A run that goes on has a lock on it, so two runs never work in one. Segments count when their JSON is there, which
    is written last.
    out: the result. recipe: see `recipe`. resume: whether to continue a run that is there.
    Raises OutputError for a folder that this run may not use.
    """

    def __init__(self, out: Path, recipe: dict[str, Any], *, resume: bool) -> None:
        self.path = out.with_name(out.name + SUFFIX)
        self._suffix = out.suffix
        self._is_open = True
        # The processes of a killed run may still write for a moment, to names that no other run has.
        self._run = secrets.token_hex(4)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path / RECIPE, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written: {error.strerror}; choose another place") from None
        try:
            self._begin(json.loads(json.dumps(recipe)), resume=resume)
        except OSError as error:
            self.close()
            raise OutputError(f"{self.path} cannot be used: {error.strerror}; choose another place") from None
        except BaseException:
            self.close()
            raise

    @staticmethod
    def is_there(out: Path) -> bool:
        """Whether a run has begun for a result."""
        return (out.with_name(out.name + SUFFIX) / RECIPE).exists()

    def close(self) -> None:
        """Let other runs use the folder."""
        if self._is_open:
            os.close(self._file)
        self._is_open = False

    def media(self, number: int) -> Path:
        """The file or the folder with the frames of a segment."""
        return self.path / f"{number:06}{self._suffix}"

    def unfinished(self, number: int) -> Path:
        """Where the frames of a segment are written. What is there is removed. Raises OSError."""
        path = self._unfinished(number)
        _remove(path)
        return path

    def add(self, number: int, segment: Segment) -> None:
        """Give the frames of a segment their name, and say that it is complete. Raises OSError."""
        if segment.times:
            media = self.media(number)
            _remove(media)  # of a segment whose JSON was lost
            self._unfinished(number).replace(media)
        segment.write(self._record(number))

    def joined(self) -> Path:
        """Where the segments are joined. Raises OSError."""
        path = self.path / f"joined{self._suffix}"
        _remove(path)
        return path

    def segment(self, number: int) -> Segment | None:
        """A segment, None if it is not complete."""
        return Segment.read(self._record(number), self.media(number))

    def remove(self) -> None:
        """Remove the folder and all segments."""
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def _unfinished(self, number: int) -> Path:
        return self.path / f"{number:06}{_UNFINISHED}{self._run}{self._suffix}"

    def _record(self, number: int) -> Path:
        return self.path / f"{number:06}.json"

    def _begin(self, recipe: dict[str, Any], *, resume: bool) -> None:
        if not _lock(self._file):
            raise OutputError(f"another run works in {self.path}; wait for its end")
        text = os.read(self._file, 1 << 20)
        found = _parsed(text)
        if text and not resume:
            raise OutputError(f"{self.path} has an unfinished run; continue it with --resume, or remove the folder")
        if not text:
            if any(path.name != RECIPE for path in self.path.iterdir()):
                raise OutputError(f"{self.path} has files of something else; remove it, or choose another name")
            os.write(self._file, json.dumps({"format": FORMAT, "of": recipe}, indent=1).encode())
            os.fsync(self._file)
        elif found is None:
            raise OutputError(f"{self.path / RECIPE} is damaged; remove {self.path} to begin again")
        elif found != recipe:
            other = [name for name in recipe if found.get(name) != recipe[name]] or ["format"]
            raise OutputError(
                f"{self.path} was begun with another {' and another '.join(other)}; give what it was begun with, or "
                "remove the folder to begin again"
            )
        for left in self.path.glob(f"*{_UNFINISHED}*"):
            _remove(left)


def _parsed(text: bytes) -> dict[str, Any] | None:
    with contextlib.suppress(ValueError):
        facts = json.loads(text)
        if isinstance(facts, dict) and facts.get("format") == FORMAT and isinstance(facts.get("of"), dict):
            found: dict[str, Any] = facts["of"]
            return found
    return None


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _lock(file: int) -> bool:
    """Lock a file until it is closed, if no other process has; True where the system has no locks."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
