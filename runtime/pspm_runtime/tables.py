"""Tables as text: aligned for a terminal, or Markdown."""

from collections.abc import Sequence


def aligned_table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells, the header first: the first column flush left, the others flush right, two spaces between."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells, the header first, as a Markdown table."""
    return "\n".join(markdown_row(row) for row in (rows[0], ["---"] * len(rows[0]), *rows[1:]))


def markdown_row(cells: Sequence[str]) -> str:
    """One line of a Markdown table."""
    return f"| {' | '.join(cells)} |"
