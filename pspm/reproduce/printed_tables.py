"""The tables of the thesis and of the SAPA paper, as `printed.toml` beside this file has them."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Row:
    """A row of a table. printed: the figures as printed, one for each column; "" where the table prints none.

    run: what trains it, a key of `schedule.RUNS` or a network; recipe: for a network. network, operator: what to count,
    for rows without training. missing: why the row is not here, for rows with none of these.
    """

    name: str
    printed: tuple[str, ...]
    run: str = ""
    recipe: str = ""
    network: str = ""
    operator: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Table:
    """A printed table. set: the pictures that we measure its rows on, "portraits" or "cutouts"."""

    name: str
    title: str
    source: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    set: str = ""
    note: str = ""


def table(name: str) -> Table:
    """A table by its name, such as "6.4". Raises ValueError for an unknown one."""
    try:
        return tables()[name]
    except KeyError:
        raise ValueError(f"there is no table named {name!r} here; choose one of {', '.join(tables())}") from None


@cache
def tables() -> dict[str, Table]:
    """All tables by name."""
    content = tomllib.loads((files(__package__) / "printed.toml").read_text())
    return {name: _table(name, entry) for name, entry in content["tables"].items()}


def _table(name: str, entry: dict[str, Any]) -> Table:
    recipe = entry.pop("recipe", "")
    rows = tuple(Row(**{"recipe": recipe, **row, "printed": tuple(row["printed"])}) for row in entry.pop("rows"))
    return Table(name, rows=rows, columns=tuple(entry.pop("columns")), **entry)
