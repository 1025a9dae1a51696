"""The code in README and docs runs, and the links between the project's pages resolve."""

import re
import shlex
from pathlib import Path

import pytest
from pspm_runtime.command.cli import main

from pspm import networks
from pspm.networks import registry
from tests.docs.pages import PAGES, ROOT, blocks, prepare

pytestmark = pytest.mark.slow

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
# What a page of the site shows and tests elsewhere run: installing, make targets, other programs.
OTHER_PROGRAMS = (
    "make ",
    "pip ",
    "python",
    "curl ",
    "git ",
    ".venv/",
    "cat ",
    "uv ",
    "npm ",
    "cd ",
    "torchrun",
    "source ",
)


def pages_with(language: str) -> list[Path]:
    return [page for page in PAGES if any(block.language == language for block in blocks(page))]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", pages_with("python"), ids=name)
def test_the_python_of_a_page_runs(page: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, data)
    monkeypatch.chdir(tmp_path)
    # A page may register a network of its own.
    monkeypatch.setattr(registry, "NETWORKS", registry.NETWORKS.copy())
    monkeypatch.setattr(networks, "NETWORKS", registry.NETWORKS)
    scope = {"__name__": "page"}

    for block in blocks(page):
        if block.language == "python" and block.skip is None:
            exec(compile(block.code, name(page), "exec"), scope)  # noqa: S102 - our own page


@pytest.mark.parametrize("page", [p for p in pages_with("sh") if p.parent.name in ("tutorial", "how-to")], ids=name)
def test_the_commands_of_a_page_run(page: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, data)
    monkeypatch.chdir(tmp_path)

    for block in blocks(page):
        if block.language == "sh" and block.skip is None:
            for line in block.code.replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True)
                if words[:1] == ["pspm"]:
                    assert main(words[1:]) == 0, line
                else:
                    assert not words or line.startswith(OTHER_PROGRAMS), f"a test should run this: {line}"


@pytest.mark.parametrize("page", [*PAGES, *ROOT.glob("*_demo/README.md"), ROOT / "CONTRIBUTING.md"], ids=name)
def test_links_between_pages_resolve(page: Path) -> None:
    for link in (a or b for a, b in LINK.findall(page.read_text())):
        if not link.startswith(("http://", "https://", "#", "mailto:")):
            assert (page.parent / link.partition("#")[0]).exists(), f"{name(page)} links to {link}"
