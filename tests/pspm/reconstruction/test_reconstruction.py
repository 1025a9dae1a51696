"""The reconstruction experiment: pictures, errors, network and command."""

import gzip
import json
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from pspm_runtime.command.cli import main

from pspm.operators import OPERATORS, operators
from pspm.reconstruction.experiment import measure, reconstruct, trained
from pspm.reconstruction.network import Reconstruction
from pspm.reconstruction.patches import IDX_FILES, read_idx, read_patches, sample_patches

pytestmark = pytest.mark.slow


def write_idx(path: Path, pictures: np.ndarray) -> None:
    content = struct.pack(">4I", 0x0803, *pictures.shape) + pictures.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    """Discs of 28 x 28, the test pictures gzipped."""
    rng = np.random.default_rng(0)
    discs = np.zeros((60, 28, 28), np.uint8)
    for disc in discs:
        cv2.circle(
            disc, tuple(map(int, rng.integers(8, 20, 2))), int(rng.integers(3, 9)), int(rng.integers(99, 255)), -1
        )
    folder = tmp_path / "mnist"
    folder.mkdir()
    write_idx(folder / IDX_FILES[0], discs[:40])
    write_idx(folder / f"{IDX_FILES[1]}.gz", discs[40:])
    return folder


def test_idx_files_are_read_plain_and_gzipped(mnist: Path) -> None:
    train, test, shown, what = read_patches(mnist)
    assert (train.shape, test.shape) == ((40, 1, 32, 32), (20, 1, 32, 32))
    assert torch.equal(shown, test[: len(shown)])
    assert 0 <= train.min() < train.max() <= 1
    assert what == "mnist: 40 and 20 pictures"
    assert read_idx(mnist / IDX_FILES[0]).shape == (40, 28, 28)


def test_portraits_are_cut_into_the_same_patches_each_time(tmp_path: Path) -> None:
    for part in ("image", "alpha"):
        (tmp_path / "portraits/train" / part).mkdir(parents=True)
    rng = np.random.default_rng(0)
    for name in ("a", "b", "02480"):  # the last is held out
        picture = rng.integers(0, 255, (90, 70, 3), np.uint8)
        cv2.imwrite(str(tmp_path / f"portraits/train/image/{name}.jpg"), picture)
        cv2.imwrite(str(tmp_path / f"portraits/train/alpha/{name}.png"), picture[..., 0])
    (train, test, shown, _), (again, *_) = read_patches(tmp_path), read_patches(tmp_path)
    assert torch.equal(shown, sample_patches())
    assert (train.shape, test.shape) == ((10_000, 1, 32, 32), (1_000, 1, 32, 32))
    assert torch.equal(train, again)
    assert not torch.equal(train[:1000], test)


def test_errors_are_what_they_are_called() -> None:
    truth = torch.rand(3, 1, 32, 32)
    errors = measure(truth + 0.1 * torch.where(truth > 0.5, -1, 1), truth)
    assert errors.mae == pytest.approx(0.1, abs=1e-6)
    assert errors.mse == pytest.approx(0.1, abs=1e-6)
    assert errors.psnr == pytest.approx(20, abs=1e-4)
    assert 0 < errors.ssim < measure(truth, truth).ssim == pytest.approx(1)


@pytest.mark.parametrize("name", OPERATORS)
def test_the_network_takes_any_operator_and_gives_a_picture(name: str) -> None:
    network = Reconstruction(operators(name)).eval()
    x = torch.rand(2, 1, 32, 32)
    with torch.no_grad():
        assert network(x).shape == x.shape
        assert network.upsampled(x).shape == (2, 16, 32, 32)


def test_a_training_learns_and_repeats_itself() -> None:
    x, y = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")
    waves = torch.stack([((x * (i % 5) + y * (i % 7)) / 9).sin() / 2 + 0.5 for i in range(120)])[:, None]
    first, last = (reconstruct("max-unpool", waves, waves[:20], steps=n, seeds=1, shown=waves[:2]) for n in (1, 25))
    assert last.errors[0].psnr > first.errors[0].psnr + 3
    again = trained("max-unpool", waves, 25, 0)
    with torch.no_grad():
        assert measure(again(waves[:20]), waves[:20]).psnr == pytest.approx(last.errors[0].psnr, abs=0.2)
    assert last.features.shape == (2, 16, 32, 32)


def test_the_command_prints_a_row_for_each_operator_and_draws_them(
    mnist: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "sheet.png"
    command = ["reconstruct", "max-unpool", "nearest", "--data", str(mnist), "--steps", "2", "--seeds", "2"]
    assert main([*command, "--sheet", str(sheet)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "mnist: 40 and 20 pictures; 2 steps, 2 seeds"
    assert [line.split("`")[1] for line in lines[4:]] == ["max-unpool", "nearest"]
    assert all("±" in line for line in lines[4:])
    picture = cv2.imread(str(sheet))
    assert picture is not None
    assert main([*command, "--json"]) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert [len(result["seeds"]) for result in results] == [2, 2]
    assert set(results[0]["seeds"][0]) == {"psnr", "ssim", "mae", "mse"}


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (["fold"], "there is no operator named 'fold'; the operators are max-unpool"),
        (["--steps", "0"], "--steps must be at least 1, not 0"),
        (["--sheet", "sheet.jpg"], "sheet.jpg: the sheet must be a .png file"),
        (["--data", "nowhere"], "nowhere has neither portraits/ nor train-images-idx3-ubyte"),
    ],
)
def test_mistakes_are_answered_in_one_sentence(
    options: list[str], answer: str, mnist: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reconstruct", "--data", str(mnist), *options]) == 1
    message = capsys.readouterr().err
    assert answer in message
    assert message.count("\n") == 1


def test_a_damaged_file_is_named(mnist: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = mnist / IDX_FILES[0]
    path.write_bytes(path.read_bytes()[:-5])
    assert main(["reconstruct", "--data", str(mnist)]) == 1
    assert f"{path} is truncated or not an idx file of 8-bit pictures" in capsys.readouterr().err
