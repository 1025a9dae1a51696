"""The tests that pages name exist."""

import ast
import re

import pytest

from tests.docs.pages import ROOT

NAMED = re.compile(r"`(tests/[\w/]+\.py)((?:::\w+)*)`")
PAGES = ("docs/hostile-input.md", "docs/security.md")


def exists(path: str, names: list[str]) -> bool:
    """Whether a file has a class or function of these names, each in the one before."""
    if not (ROOT / path).is_file():
        return False
    body = ast.parse((ROOT / path).read_text()).body
    for name in names:
        found = [node for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name]
        if not found:
            return False
        body = found[0].body
    return True


@pytest.mark.parametrize("page", PAGES)
def test_the_tests_that_a_page_names_exist(page: str) -> None:
    named = NAMED.findall((ROOT / page).read_text())

    assert len(named) > 5
    assert [path + names for path, names in named if not exists(path, names.split("::")[1:])] == []


def test_every_case_names_a_test() -> None:
    rows = [line for line in (ROOT / PAGES[0]).read_text().splitlines() if line.startswith("| ")]
    cases = [row for row in rows if not row.startswith(("| case |", "| --- |"))]

    assert len(cases) > 60
    assert [row for row in cases if not NAMED.search(row.rsplit(" | ", 1)[1])] == []


def test_a_missing_test_is_noticed() -> None:
    assert exists("tests/docs/test_named_tests.py", ["test_a_missing_test_is_noticed"])
    assert not exists("tests/docs/test_named_tests.py", ["test_gone"])
    assert not exists("tests/docs/test_gone.py", [])
