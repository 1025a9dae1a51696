"""The mean of the weights of several runs, as a checkpoint that all other commands take."""

from pathlib import Path

import pytest
import torch
from pspm_runtime.command.cli import main
from torch import nn

from pspm.checkpoint import load_network, read_weights
from pspm.networks import MattingNetwork, build
from pspm.training.weights.average import average, folded_weights
from tests.networks import settled

pytestmark = pytest.mark.slow


def save(network: MattingNetwork, name: str, path: Path) -> Path:
    weights = {f"network.{key}": value for key, value in network.state_dict().items()}
    torch.save({"hyper_parameters": {"network": name}, "state_dict": weights}, path)
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two trained networks that differ in weights and statistics alike."""
    folder, network = tmp_path_factory.mktemp("runs"), settled("mobile")
    first = save(network, "mobile", folder / "first.ckpt")
    with torch.no_grad():
        for value in (*network.parameters(), *network.buffers()):
            if value.is_floating_point():
                value.mul_(1 + 0.2 * torch.rand_like(value))
    return [first, save(network, "mobile", folder / "second.ckpt")]


def alpha(network: MattingNetwork) -> torch.Tensor:
    torch.manual_seed(5)
    with torch.no_grad():
        return network.eval()(torch.rand(1, 3, 64, 64) * 2 - 1).alpha


def averaged(sources: list[Path | str], out: Path, *options: str) -> MattingNetwork:
    assert main(["average", *map(str, sources), "-o", str(out), *options]) == 0
    return load_network("mobile", out)


def test_the_mean_of_one_run_computes_the_same(runs: list[Path], tmp_path: Path) -> None:
    mean = averaged([runs[0], runs[0]], tmp_path / "mean.ckpt")
    assert torch.allclose(alpha(mean), alpha(load_network(None, runs[0])), atol=5e-5)


def test_folded_weights_are_averaged_one_by_one(runs: list[Path], tmp_path: Path) -> None:
    averaged(list(runs), tmp_path / "mean.ckpt")
    one, two, mean = (folded_weights(path) for path in (*runs, tmp_path / "mean.ckpt"))
    assert mean.keys() == one.keys()
    for key in mean:
        assert torch.allclose(mean[key], (one[key] + two[key]) / 2, atol=1e-6), key
    assert any((one[key] - two[key]).abs().max() > 0.01 for key in mean)


def test_halves_are_halves(runs: list[Path], tmp_path: Path) -> None:
    averaged(list(runs), tmp_path / "mean.ckpt", "--halves")
    weights = folded_weights(tmp_path / "mean.ckpt")
    assert all(torch.equal(weight, weight.half().float()) for weight in weights.values())


def test_a_shipped_network_is_a_source(tmp_path: Path) -> None:
    averaged(["mobile"], tmp_path / "mobile.ckpt")
    folded, shipped = folded_weights(tmp_path / "mobile.ckpt"), folded_weights("mobile")
    assert folded.keys() == shipped.keys()
    assert all(torch.equal(folded[key], shipped[key]) for key in folded)


def test_different_networks_cannot_be_averaged(
    runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["average", str(runs[0]), "b5", "-o", str(tmp_path / "mean.ckpt")]) == 1
    assert "b5 is of b5" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_weight_too_large_for_half_precision_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = build("mobile")
    convolution = next(layer for layer in network.modules() if isinstance(layer, nn.Conv2d))
    nn.init.constant_(convolution.weight, 1e5)
    path = save(network, "mobile", tmp_path / "run.ckpt")
    assert main(["average", str(path), "--halves", "-o", str(tmp_path / "mean.ckpt")]) == 1
    assert "too large for half precision; leave out --halves" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_file_is_replaced_only_with_force(
    runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "mean.ckpt"
    kept.write_bytes(b"mine")
    assert main(["average", str(runs[0]), "-o", str(kept)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert kept.read_bytes() == b"mine"
    averaged([runs[0]], kept, "--force")
    assert read_weights(kept)


def test_a_missing_checkpoint_is_named() -> None:
    with pytest.raises(ValueError, match=r"missing\.ckpt does not exist"):
        average(["missing.ckpt"])


def test_the_error_for_an_invalid_checkpoint_says_why(tmp_path: Path, runs: list[Path]) -> None:
    whole = runs[0].read_bytes()
    (tmp_path / "cut.ckpt").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "notes.ckpt").write_text("these are my notes")
    torch.save({"alpha": 1}, tmp_path / "odd.ckpt")
    reasons = {"cut": "it is cut short or damaged", "notes": "it is cut short or damaged", "odd": "it names no network"}
    for name, reason in reasons.items():
        with pytest.raises(ValueError, match=rf"{name}\.ckpt is not a checkpoint of `pspm train`: {reason}"):
            average([tmp_path / f"{name}.ckpt"])
