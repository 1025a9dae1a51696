"""docs/thesis.md names files, recipes, networks and operators that exist, and covers every chapter."""

import re

import pytest

from pspm.networks import build
from pspm.operators import OPERATORS
from pspm.training.recipes import RECIPES
from tests.docs.pages import ROOT

ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in (ROOT / "docs/thesis.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith(("| section", "| ---"))
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_says_where_it_is_and_how_faithful(row: list[str]) -> None:
    section, what, where, faithful = row
    assert section
    assert what
    assert faithful
    names = re.findall(r"`([^`]+)`", where)
    assert names or where == "-" or where.startswith("[")
    for name in names:
        assert (ROOT / name).is_file() if "/" in name else name in RECIPES, name


def test_the_page_names_every_recipe_of_the_thesis() -> None:
    page = (ROOT / "docs/thesis.md").read_text()
    ours = ("own", "finetune", "operators", "steady")
    assert [name for name in RECIPES if not name.startswith(ours) and f"`{name}`" not in page] == []


def test_networks_and_operators_of_the_page_exist() -> None:
    page = (ROOT / "docs/thesis.md").read_text()
    assert "sapa-b-d16" in OPERATORS
    for name in re.findall(r"`([a-z0-9-]+\+[a-z0-9-]+)`", page):
        build(name)
