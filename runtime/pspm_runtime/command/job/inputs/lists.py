"""Lists of photos: text with a path a line, JSON lines, CSV and parquet."""

import codecs
import csv
import json
import os
from collections.abc import Callable, Iterator
from typing import IO, Any

from pspm_runtime.command.job.places.back_off import reason
from pspm_runtime.errors import PhotoError, PspmError
from pspm_runtime.extras import needs_extra

COLUMN = "path"
_ROWS = 1 << 12


def is_list(name: str) -> bool:
    """Whether a file is a list, by its suffix."""
    return name.lower().endswith(tuple(_READERS))


def list_suffixes() -> str:
    """The suffixes of lists, for messages."""
    return ", ".join(_READERS)


def read_list(file: IO[bytes], name: str, column: str | None) -> Iterator[str]:
    """Yield the paths of a list, in its order, as they are written.

    column: of the paths; None for `COLUMN`. Raises PhotoError for a damaged list, and without the column.
    """
    suffix = next(suffix for suffix in _READERS if name.lower().endswith(suffix))
    try:
        yield from _READERS[suffix](file, name, column)
    except UnicodeDecodeError:
        raise PhotoError(f"{name} is not text in UTF-8; save it as such") from None
    except OSError as error:
        raise PhotoError(f"{name} cannot be read ({error.strerror or reason(error)}); check it") from None
    except csv.Error as error:
        raise PhotoError(f"{name} is not a table of comma-separated values ({error}); save it as such") from None


def _of_text(file: IO[bytes], name: str, column: str | None) -> Iterator[str]:
    if column is not None:
        raise PspmError(f"{name} is a list with a path a line; leave out --column")
    for number, line in enumerate(file):
        # As the system reads names, so that any file can be in the list.
        if path := os.fsdecode(line.removeprefix(codecs.BOM_UTF8) if number == 0 else line).rstrip("\r\n"):
            yield path


def _of_json_lines(file: IO[bytes], name: str, column: str | None) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise PhotoError(f"{name} has no JSON in line {number}; correct it") from None
        if isinstance(row, str) and column is None:
            yield row
            continue
        if not isinstance(row, dict):
            raise PhotoError(f'{name} has no object in line {number}; correct it, such as {{"path": "a.jpg"}}')
        yield _checked(row.get(_found(name, list(row), column)), name, number)


def _of_csv(file: IO[bytes], name: str, column: str | None) -> Iterator[str]:
    rows = csv.reader(line.decode("utf-8-sig" if number == 0 else "utf-8") for number, line in enumerate(file))
    head = next(rows, None)
    if head is None:
        return
    place = head.index(_found(name, head, column))
    for number, row in enumerate(rows, 2):
        if row:
            yield _checked(row[place] if place < len(row) else None, name, number)


def _of_parquet(file: IO[bytes], name: str, column: str | None) -> Iterator[str]:
    with needs_extra("cluster"):
        import pyarrow
        from pyarrow import parquet
    try:
        table = parquet.ParquetFile(file)
        found = _found(name, table.schema_arrow.names, column)
        number = 0
        for batch in table.iter_batches(_ROWS, columns=[found]):
            for value in batch.column(0).to_pylist():
                number += 1
                yield _checked(value, name, number)
    except (pyarrow.ArrowException, OSError) as error:
        raise PhotoError(f"{name} is not a parquet file that can be read ({reason(error)}); write it again") from None


def _found(name: str, columns: list[Any], column: str | None) -> str:
    """The column of the paths. Raises PhotoError if it is missing."""
    wanted = COLUMN if column is None else column
    if wanted not in columns:
        raise PhotoError(
            f"{name} has no column {wanted}; its columns are {', '.join(map(str, columns[:20])) or 'none'}: "
            "name the one of the paths with --column"
        )
    return wanted


def _checked(value: Any, name: str, number: int) -> str:
    if not isinstance(value, str) or not value:
        raise PhotoError(f"{name} has no path in row {number}; correct it")
    return value


_READERS: dict[str, Callable[[IO[bytes], str, str | None], Iterator[str]]] = {
    ".txt": _of_text,
    ".lst": _of_text,
    ".jsonl": _of_json_lines,
    ".ndjson": _of_json_lines,
    ".csv": _of_csv,
    ".parquet": _of_parquet,
}
