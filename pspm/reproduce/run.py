"""Reproduce a table: every row with every seed, one seed of all rows after another."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pspm.evaluation.datasets import Case, find_cases
from pspm.reproduce.budget import Budget
from pspm.reproduce.printed_tables import Row, Table
from pspm.reproduce.rows import Machine, Result, counted, read_result, reproduce_row
from pspm.reproduce.schedule import check_recipe


@dataclass(frozen=True)
class Reproduction:
    """A table and what it may spend. rows: those to run. out: the folder of runs and results."""

    table: Table
    rows: tuple[Row, ...]
    budget: Budget
    out: Path
    seeds: int
    machine: Machine

    def run(self) -> None:
        """Train and measure what is not done yet. Prints a line for each row to stderr.

        Raises FileNotFoundError or ValueError for data that cannot be used, or a folder of another budget.
        """
        if self.budget.recipe:
            check_recipe(self.budget.recipe)
        self.budget.claim(self.out)
        set_name, cases = pictures(self.budget, self.table)
        for seed in range(self.seeds):
            for row in self.rows:
                if row.run:
                    reproduce_row(row, cases, set_name, self.budget, seed, self.out, self.machine)

    def results(self) -> dict[str, list[Result]]:
        """The results that are done, one for each seed, by the row's name."""
        set_name = self.table.set
        found = counts(self.table)
        for row in self.rows:
            if row.run:
                done = [read_result(self.out, self.budget, set_name, row, seed) for seed in range(self.seeds)]
                found[row.name] = [result for result in done if result is not None]
        return found

    def sentences(self) -> list[str]:
        """What was measured, and how it was trained."""
        budget = self.budget
        trained = f"by the recipe {budget.recipe}" if budget.recipe else "by the thesis's phases"
        done = [result for results in self.results().values() for result in results]
        measured = [result["pictures"] for result in done if "pictures" in result]
        count = measured[0] if measured else 0
        pictures = f", {count} picture{'' if count == 1 else 's'}" if count else ""
        several = f"{self.seeds} seeds: mean ± standard deviation over those that are done"
        seeds = several if self.seeds > 1 else "1 seed"
        return [
            f"{self.table.title} ({self.table.source}), on {self.table.set}{pictures}.",
            f"{budget.steps} steps a row {trained}, batch {budget.batch}, crops of {budget.crop}, {seeds}. "
            "FPS: 512 x 512, one CPU thread.",
            *([self.table.note] if self.table.note else []),
        ]


def pictures(budget: Budget, table: Table) -> tuple[str, list[Case]]:
    """The pictures that the table is measured on, and the name of their set."""
    sets = find_cases(budget.data, budget.limit)
    return table.set, sets[table.set] if table.set in sets else next(iter(sets.values()))


def counts(table: Table) -> dict[str, list[Result]]:
    """The rows of a table that are only counted, by the row's name."""
    return {row.name: [counted(row)] for row in table.rows if row.network or row.operator}


def choose(table: Table, names: Sequence[str] | None) -> tuple[Row, ...]:
    """The rows of these names; all rows if names is None. Raises ValueError for a name that the table lacks."""
    known = [row.name for row in table.rows]
    if unknown := [name for name in names or () if name not in known]:
        raise ValueError(f"table {table.name} has no row {unknown[0]!r}; its rows are {', '.join(known)}")
    return tuple(row for row in table.rows if names is None or row.name in names)
