"""A prefix of an object store, through pyarrow."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from tempfile import TemporaryFile
from typing import IO, Any

from pspm_runtime.command.job.item import JobStoppedError
from pspm_runtime.command.job.places.addresses import Address
from pspm_runtime.command.job.places.back_off import patiently, reason
from pspm_runtime.errors import OutputError, PspmError, TooLargeError
from pspm_runtime.extras import needs_extra

# A store has no appending: the log that is open is written again as a whole after so many lines or seconds.
LINES, SECONDS = 100, 30.0
_PART = 8 << 20


class Bucket:
    """A bucket of a store, and how messages name what is in it."""

    def __init__(self, address: Address) -> None:
        with needs_extra("cluster"):
            from pyarrow import fs
        self._fs = fs
        self.address = address
        try:
            self.files, base = fs.FileSystem.from_uri(_with_single_puts(address))
        except Exception as error:  # pyarrow raises ArrowInvalid, NotImplementedError and OSError
            raise PspmError(f"{address.root} cannot be opened ({reason(error)}); check the address") from None
        self._base = str(base).rstrip("/")

    def path(self, key: str) -> str:
        """The path of a key, as pyarrow has it."""
        return f"{self._base}/{key}" if key else self._base

    def read(self, key: str, largest: float | None = None) -> bytes:
        """The bytes of an object. Raises OSError, and TooLargeError for more bytes than `largest`."""

        def action() -> bytes:
            with self.files.open_input_file(self.path(key)) as file:
                size = file.size()
                if largest is not None and size > largest:
                    raise TooLargeError(
                        f"{self.address.at(key)} has {size} bytes, more than any photo; choose another one"
                    )
                data: bytes = file.read()
                return data

        return patiently(action, str(self.address.at(key)))

    def write(self, key: str, data: bytes | IO[bytes]) -> None:
        """Write an object, with one request unless it is large. Raises OSError."""

        def action() -> None:
            with self.files.open_output_stream(self.path(key), buffer_size=0) as file:
                if isinstance(data, bytes):
                    file.write(data)
                else:
                    data.seek(0)
                    shutil.copyfileobj(data, file, _PART)

        patiently(action, str(self.address.at(key)))

    def states(self, keys: list[str]) -> list[Any]:
        """What the store says of each key: an object with `is_file`, `size`, `mtime_ns`. Raises OSError."""
        paths = [self.path(key) for key in keys]
        found: list[Any] = patiently(lambda: self.files.get_file_info(paths), str(self.address))
        return found

    def entries(self, key: str) -> list[Any]:
        """The objects and folders just below a key, by name; none if there is no such key. Raises OSError, also
        for a bucket that does not exist.
        """
        selector = self._fs.FileSelector(self.path(key))
        try:
            found: list[Any] = patiently(lambda: self.files.get_file_info(selector), str(self.address.at(key)))
        except FileNotFoundError:
            return []
        return sorted(found, key=lambda entry: str(entry.base_name))

    def is_file(self, entry: Any) -> bool:
        """Whether what the store says is of an object."""
        return bool(entry.type == self._fs.FileType.File)

    def is_folder(self, entry: Any) -> bool:
        """Whether what the store says is of a folder."""
        return bool(entry.type == self._fs.FileType.Directory)

    def open(self, key: str) -> Any:
        """Open an object to be read from any place. Raises OSError."""
        return patiently(lambda: self.files.open_input_file(self.path(key)), str(self.address.at(key)))


@lru_cache(maxsize=64)
def bucket(root: str) -> Bucket:
    """The bucket of an address; each is opened once in a process."""
    return Bucket(Address.parse(root))


class Store:
    """A prefix of a bucket as the place of results."""

    def __init__(self, address: Address) -> None:
        self._at = address
        self._bucket = bucket(address.root)

    @property
    def address(self) -> str:
        """See `Place`."""
        return str(self._at)

    def open(self, run: str) -> None:
        """See `Place`. A store shows no object before it is whole, so nothing unfinished can be left."""

    def join(self, run: str) -> None:
        """See `Place`."""

    def close(self) -> None:
        """See `Place`."""

    def deliver(self, name: str, data: bytes, *, force: bool) -> None:
        """See `Place`. Two processes that write at once both write the same bytes."""
        try:
            if not force and (there := self._there(name)) is not None:
                if there == data:
                    return
                raise OutputError(
                    f"{self._at.at(self._key(name))} exists already, with other content; give --force to replace it"
                )
            self._bucket.write(self._key(name), data)
        except OSError as error:
            raise self._stopped(name, error) from None

    def _there(self, name: str) -> bytes | None:
        """The object that has a name already. Where there is none this takes one cheap request."""
        try:
            return self._bucket.read(self._key(name))
        except FileNotFoundError:
            return None

    def log(self, name: str) -> "_StoreLog":
        """See `Place`."""
        return _StoreLog(self, name)

    @contextmanager
    def replace(self, name: str) -> Iterator[IO[bytes]]:
        """See `Place`."""
        with TemporaryFile() as whole:  # on this machine, so that memory does not grow with it
            yield whole
            self.put(name, whole)

    def put(self, name: str, data: bytes | IO[bytes]) -> None:
        """Write an object, in place of an older one."""
        try:
            self._bucket.write(self._key(name), data)
        except OSError as error:
            raise self._stopped(name, error) from None

    def sizes(self, folder: str) -> dict[str, int]:
        """See `Place`."""
        try:
            entries = self._bucket.entries(self._key(folder))
        except OSError as error:
            raise self._stopped(folder, error, "read") from None
        return {f"{folder}/{entry.base_name}": entry.size for entry in entries if self._bucket.is_file(entry)}

    def read(self, name: str, end: int | None = None) -> Iterator[dict[str, Any]]:
        """See `Place`."""
        yield from _lines(self._read(name)[:end])

    def sizes_of(self, names: list[str]) -> list[int | None]:
        """See `Place`."""
        try:
            states = self._bucket.states([self._key(name) for name in names])
        except OSError as error:
            raise self._stopped("", error, "read") from None
        return [state.size if self._bucket.is_file(state) else None for state in states]

    def remove(self, name: str) -> None:
        """See `Place`."""
        with suppress(OSError):
            self._bucket.files.delete_file(self._bucket.path(self._key(name)))

    def _key(self, name: str) -> str:
        return f"{self._at.key}/{name}" if self._at.key else name

    def _read(self, name: str) -> bytes:
        try:
            return self._bucket.read(self._key(name))
        except OSError as error:
            raise self._stopped(name, error, "read") from None

    def _stopped(self, name: str, error: OSError, done: str = "written") -> JobStoppedError:
        return JobStoppedError(
            f"{self._at.at(self._key(name))} cannot be {done} ({reason(error)}); check the address and the credentials"
        )


class _StoreLog:
    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._lines: list[str] = []
        self._kept = 0
        self._at = time.monotonic()

    def append(self, line: str) -> None:
        """See `Log`. The first line is written at once, so that a job that cannot write ends before it has begun."""
        self._lines.append(line)
        if self._kept == 0 or len(self._lines) - self._kept >= LINES or time.monotonic() - self._at >= SECONDS:
            self.close()

    def close(self) -> None:
        """See `Log`."""
        if self._kept == len(self._lines):
            return
        self._store.put(self._name, "".join(f"{line}\n" for line in self._lines).encode())
        self._kept = len(self._lines)
        self._at = time.monotonic()


def _lines(data: bytes) -> Iterator[dict[str, Any]]:
    for text in data.splitlines():
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(line, dict):
            yield line


def _with_single_puts(address: Address) -> str:
    """The address of a bucket for pyarrow: on S3 with one request for a small object instead of three."""
    if address.scheme != "s3" or "allow_delayed_open" in address.options:
        return address.root
    return f"{address.root}{'&' if address.options else '?'}allow_delayed_open=true"
