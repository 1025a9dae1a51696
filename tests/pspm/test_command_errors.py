"""What a command says of errors that a user can mend."""

import errno
from pathlib import Path

import pytest
from pspm_runtime.command.cli import main
from pspm_runtime.errors import OutputError, PspmError

from pspm.command_errors import command_errors


@pytest.mark.parametrize("error", [ValueError("choose 2"), OSError("choose 2"), FileNotFoundError("choose 2")])
def test_a_sentence_stays(error: Exception) -> None:
    with pytest.raises(PspmError, match=r"^choose 2$"), command_errors():
        raise error


def test_an_error_of_the_system_names_its_file() -> None:
    with pytest.raises(OutputError, match=r"^a\.html cannot be used: Permission denied; "), command_errors(Path("out")):
        raise PermissionError(errno.EACCES, "Permission denied", "a.html")


def test_a_full_disk_names_the_place_of_the_output() -> None:
    error = OSError(errno.ENOSPC, "No space left on device")
    with (
        pytest.raises(OutputError, match=r"^out cannot be used: No space left on device; "),
        command_errors(Path("out")),
    ):
        raise error
    with pytest.raises(OSError, match="No space left"), command_errors():
        raise error


@pytest.mark.parametrize(
    "command",
    [
        ["train", "mobile", "--data", "{data}", "--fast-dev-run", "-o", "{file}"],
        ["reproduce", "6.2", "--data", "{data}", "--steps", "1", "-o", "{file}"],
        ["task", "depth", "--steps", "1", "-o", "{file}"],
        ["scenes", "--cutouts", "{data}/cutouts/train", "--backgrounds", "{data}/backgrounds", "-o", "{file}"],
    ],
    ids=lambda command: command[0],
)
def test_a_file_in_place_of_the_output_folder(
    command: list[str], data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "taken"
    file.write_text("kept")
    assert main([part.format(data=data, file=file) for part in command]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith(f"pspm: {file}")
    assert "[Errno" not in said
    assert file.read_text() == "kept"
