"""The commands and paths that README and docs name exist."""

import re
import shlex
from pathlib import Path

import pytest
from pspm_runtime.command.cli import build_parser

from tests.docs.pages import PAGES, ROOT
from tests.docs.test_pages import name

BLOCK = re.compile(r"^```\w*[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"`((?:pspm|runtime|export|tests|docs|examples|\.ci)/[\w./-]+)`")


def commands(page: Path) -> list[list[str]]:
    """The words of every `pspm` command in the code blocks of a page, without explanations and shell variables."""
    lines = "\n".join(BLOCK.findall(page.read_text())).replace("\\\n", " ").splitlines()
    found = (re.split(r"\s\s+[^-\s]|\s#(?!\w)", line.strip())[0] for line in lines)
    plain = (re.sub(r"\[.*?\]", "", line.split(" | ")[-1]).partition(" > ")[0] for line in found)
    return [shlex.split(line.replace("$seed", "0"))[1:] for line in plain if line.startswith("pspm ")]


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=name)
def test_the_commands_of_a_page_have_these_options(page: Path) -> None:
    parser = build_parser()

    for words in commands(page):
        if not words[0].isupper() and "--help" not in words:
            parser.parse_args(words)


# The how-to pages name files that their reader is going to write.
EXISTING = [page for page in [*PAGES, ROOT / "CONTRIBUTING.md"] if page.parent.name != "how-to"]


@pytest.mark.parametrize("page", EXISTING, ids=name)
def test_the_paths_of_a_page_exist(page: Path) -> None:
    missing = [path for path in PATH.findall(page.read_text()) if not (ROOT / path).exists()]

    assert not missing
