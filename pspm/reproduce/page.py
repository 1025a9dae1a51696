"""A table beside the printed one as a self-contained HTML page."""

from collections.abc import Sequence
from html import escape

from pspm.evaluation.reports.html import STYLE, as_table
from pspm.reproduce.printed_tables import Table
from pspm.reproduce.report import Measured, as_rows, orders


def as_html(table: Table, rows: Sequence[Measured], sentences: Sequence[str]) -> str:
    """Make the page. sentences: what was measured, and on what."""
    order = "".join(f"<li>{escape(sentence)}" for sentence in orders(table, rows))
    parts = [
        f"<h1>{escape(f'{table.title} ({table.source})')}</h1>",
        *(f"<p>{escape(sentence)}" for sentence in sentences),
        as_table(as_rows(table, rows)),
        f"<h2>Order of the rows</h2><ul>{order}</ul>" if order else "",
    ]
    head = f'<meta charset="utf-8"><title>Table {escape(table.name)}</title><style>{STYLE}</style>'
    return f"<!doctype html><html lang=en><head>{head}</head><body>{''.join(parts)}</body></html>"
