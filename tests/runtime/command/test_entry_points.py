"""Commands that packages declare as entry points: a broken one costs only itself."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pspm_runtime.command import entry_points
from pspm_runtime.command.cli import main

from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import encoded, gradient

PLUGIN = """
import sys

def add_greet(group):
    parser = group.add_parser("greet", help="say hello")
    parser.set_defaults(run=lambda args: print("hello") or 0)

def add_raises(group):
    raise RuntimeError("no\\nlicence")

def add_late(group):
    group.add_parser("late", help="half of a command")
    raise KeyError("late")

def add_exits(group):
    sys.exit(3)

def add_alpha(group):
    group.add_parser("alpha", help="another alpha")
"""
DECLARED = {
    "greet": "plugin:add_greet",
    "raises": "plugin:add_raises",
    "late": "plugin:add_late",
    "exits": "plugin:add_exits",
    "alpha": "plugin:add_alpha",
    "nothing": "plugin:add_nothing",
    "needs": "needy:add_needs",
    "absent": "absent.cli:add_absent",
}


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "plugin.py").write_text(PLUGIN)
    (tmp_path / "needy.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(tmp_path)
    declared = [EntryPoint(name, value, entry_points.GROUP) for name, value in DECLARED.items()]
    monkeypatch.setattr(entry_points, "entry_points", lambda group: declared)
    yield
    for module in ("plugin", "needy"):
        sys.modules.pop(module, None)


@pytest.mark.usefixtures("plugin")
def test_help_lists_what_works_and_what_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    listed = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    found = {words[0]: words[1] for words in listed if len(words) == 2}
    assert found["greet"] == "say hello"
    for broken in ("raises", "exits", "nothing", "needs"):
        assert found[broken] == "cannot be loaded"
    assert "absent" not in found
    assert "matte" in found["alpha"]


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("raises", "no licence"),
        ("exits", "3"),
        ("nothing", "add_nothing"),
        ("needs", "no_such_library"),
    ],
)
@pytest.mark.parametrize("arguments", [[], ["--help"], ["photo.jpg", "-o", "out.png"]])
def test_a_broken_command_says_why(
    command: str, reason: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"pspm: the command {command} cannot be loaded (")
    assert reason in error
    assert error.count("\n") == 1


@pytest.mark.usefixtures("plugin")
def test_a_command_whose_package_is_missing_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["absent", "--option", "photo.jpg"]) == 1
    error = capsys.readouterr().err
    assert error == "pspm: the command absent needs absent.cli, which is not installed here; install it\n"


@pytest.mark.usefixtures("plugin")
def test_a_command_that_was_half_added_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["late"]) == 1
    assert capsys.readouterr().err == "pspm: the command late cannot be loaded ('late'); install plugin again\n"


@pytest.mark.usefixtures("plugin")
def test_the_others_work(tmp_path: Path, fake_engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["greet"]) == 0
    assert capsys.readouterr().out == "hello\n"
    (tmp_path / "photo.jpg").write_bytes(encoded(Image.fromarray(gradient(64, 48)), "JPEG"))
    assert main(["alpha", str(tmp_path / "photo.jpg"), "-o", str(tmp_path / "alpha.png")]) == 0
    assert (tmp_path / "alpha.png").is_file()


def test_without_readable_metadata_the_photo_commands_stay(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: Any) -> None:
        raise ValueError("damaged")

    monkeypatch.setattr(entry_points, "entry_points", fail)
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    assert "  cutout" in capsys.readouterr().out
