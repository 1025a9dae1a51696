"""The tables of docs/benchmark.md, from the results in the folder `benchmarks` beside it.

python docs/hooks/benchmark_tables.py

prints them; the documentation site runs it when it is built.
"""

from pathlib import Path

from pspm_runtime.benchmark.compare import groups, read, rows_of_table
from pspm_runtime.tables import markdown_table

MARK = "<!-- benchmark tables -->"
RESULTS = Path(__file__).resolve().parents[1] / "benchmarks"


def tables(folder: Path) -> str:
    """A Markdown table for each group of runs that can be compared, below a line that says what they share."""
    rows = [row for path in sorted(folder.glob("*.json")) for row in read(path)]
    return "\n\n".join(f"**{group[0].like}**\n\n{markdown_table(rows_of_table(group))}" for group in groups(rows))


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the tables into the page that has the mark; MkDocs calls this for every page."""
    return markdown.replace(MARK, tables(RESULTS)) if MARK in markdown else markdown


if __name__ == "__main__":
    print(tables(RESULTS))
