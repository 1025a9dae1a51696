"""An empty value is answered in one sentence by every command, also where it would mean the current folder."""

from pathlib import Path

import pytest
from pspm_runtime.command.cli import main

ARGUMENTS = {
    "an argument": ["alpha ''", "alpha a.jpg '' -o out", "count ''", "average '' -o a.ckpt", "verify ''", "train ''"],
    "-o": ["alpha a.jpg -o ''", "prepare masks -o ''", "export -o ''", "vectors -o ''", "train b5 --data d -o ''"],
    "--with": ["background a.jpg --with '' -o b.jpg", "background a.jpg --with= -o b.jpg"],
    "--trimap": ["alpha a.jpg -o b.png --trimap ''", "alpha a.jpg -o b.png --trimap="],
    "--model": ["alpha a.jpg -o b.png --model ''", "evaluate --model '' --data d", "bench --model ''"],
    "--data": [
        "evaluate --data ''",
        "train b5 --data '' -o o",
        "reconstruct --data ''",
        "task depth --data ''",
        "export --data '' -o o",
    ],
    "--out": ["alpha a.jpg --out ''", "bundle model.onnx --out ''"],
    "--compare": ["bench --compare ''"],
    "--imagenet": ["task depth -o o --imagenet ''"],
    "--start-from": ["train b5 --data d -o o --start-from ''"],
}


@pytest.mark.parametrize(("name", "line"), [(name, line) for name, lines in ARGUMENTS.items() for line in lines])
def test_an_empty_value_is_one_sentence(
    name: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    code = main([word.replace("''", "") for word in line.split()])

    assert code == 1
    assert capsys.readouterr() == ("", f"pspm: {name} is empty; give it a value, or leave it out\n")
    assert list(tmp_path.iterdir()) == []
