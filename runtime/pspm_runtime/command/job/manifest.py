"""Merge the ledgers of a job into one manifest: a line for each photo, with what became of it at last."""

import json
from collections.abc import Iterator
from typing import Any

from pspm_runtime.command.batch.ledger.ledger_lines import JOB_FOLDER, JOB_LEDGERS
from pspm_runtime.command.job.digest_set import digest, digests, last_of
from pspm_runtime.command.job.places.place import Place

PARQUET, LINES = f"{JOB_FOLDER}/manifest.parquet", f"{JOB_FOLDER}/manifest.jsonl"
_MERGED = f"{JOB_FOLDER}/merged.jsonl"
COLUMNS = {
    "path": "string",
    "key": "string",
    "status": "string",
    "error": "string",
    "milliseconds": "int64",
    "output": "string",
    "bytes": "int64",
    "recipe": "string",
    "no_person": "bool_",
    "sha256": "string",
}
_ROWS = 1 << 14


def merge(place: Place) -> str:
    """Write the manifest, if the ledgers have changed since it was written, and return its name.

    It is parquet where pyarrow is installed, else JSON lines. Raises OutputError.
    """
    name, other = (PARQUET, LINES) if _has_pyarrow() else (LINES, PARQUET)
    while True:
        ledgers = place.sizes(JOB_LEDGERS)
        stamp = {"name": name, "files": len(ledgers), "bytes": sum(ledgers.values())}
        if place.sizes_of([name]) == [None] or stamp not in _merged(place):
            with place.replace(name) as file:
                (_write_parquet if name == PARQUET else _write_lines)(file, _rows(place, ledgers))
            with place.replace(_MERGED) as file:
                file.write(json.dumps(stamp).encode() + b"\n")
            place.remove(other)
        # Another part of the job may have ended meanwhile, and have written a manifest that this one has replaced.
        if place.sizes(JOB_LEDGERS) == ledgers:
            return name


def _has_pyarrow() -> bool:
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        return False
    return True


def _merged(place: Place) -> list[dict[str, Any]]:
    return list(place.read(_MERGED)) if place.sizes_of([_MERGED]) != [None] else []


def _lines(place: Place, ledgers: dict[str, int]) -> Iterator[dict[str, Any]]:
    """The lines of photos, without those that other parts of the job have appended since."""
    for name, size in ledgers.items():
        yield from (line for line in place.read(name, size) if "path" in line)


def _rows(place: Place, ledgers: dict[str, int]) -> Iterator[dict[str, Any]]:
    """The last line of each photo and result."""
    last = last_of(digests(digest(str(line["path"]), str(line.get("output"))) for line in _lines(place, ledgers)))
    for line, is_last in zip(_lines(place, ledgers), last, strict=True):
        if is_last:
            facts = {**line, "milliseconds": line.get("ms"), "no_person": bool(line.get("no_person"))}
            yield {column: facts.get(column) for column in COLUMNS}


def _write_lines(file: Any, rows: Iterator[dict[str, Any]]) -> None:
    for row in rows:
        file.write(json.dumps(row).encode() + b"\n")


def _write_parquet(file: Any, rows: Iterator[dict[str, Any]]) -> None:
    import pyarrow
    from pyarrow import parquet

    schema = pyarrow.schema([(name, getattr(pyarrow, kind)()) for name, kind in COLUMNS.items()])
    with parquet.ParquetWriter(file, schema) as writer:
        part: list[dict[str, Any]] = []
        for row in rows:
            part.append({name: _text(value) if isinstance(value, str) else value for name, value in row.items()})
            if len(part) == _ROWS:
                writer.write_table(pyarrow.Table.from_pylist(part, schema))
                part = []
        writer.write_table(pyarrow.Table.from_pylist(part, schema))


def _text(value: str) -> str:
    """A text that parquet can hold: bytes of names that are not UTF-8 become escapes."""
    return value.encode(errors="backslashreplace").decode()
