import sys

import pytest
from pspm_runtime.command.cli import main
from pspm_runtime.errors import PspmError
from pspm_runtime.extras import needs_extra

pytestmark = pytest.mark.slow


def test_a_missing_package_names_its_extra() -> None:
    with pytest.raises(PspmError, match=r"needs missing_package; .*'\.\[train\]'"), needs_extra("train"):
        import missing_package  # type: ignore[import-not-found]  # noqa: F401


@pytest.mark.parametrize(
    ("module", "arguments", "extra"),
    [
        ("pspm.counting", ["count"], "train"),
        ("pspm.evaluation.datasets", ["evaluate", "--data", "data"], "train"),
        ("pspm.training.run", ["train", "mobile", "--data", "data", "-o", "run"], "train"),
        ("pspm.data.mattes_from_masks.prepare", ["prepare", "masks", "-o", "mattes"], "train"),
        ("pspm_export.plan.source_network", ["export", "c.pt", "--model", "b5", "-o", "b5"], "export"),
    ],
)
def test_a_command_without_its_extra_says_so(
    module: str,
    arguments: list[str],
    extra: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert f"pip install '.[{extra}]'" in error
    assert error.count("\n") == 1
