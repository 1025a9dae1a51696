"""Checkpoints that were not written by `pspm train`."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from pspm.checkpoint import read_weights

HYPER_PARAMETERS = {"network": "mobile"}


@pytest.mark.parametrize("key", [7, 0.5, None, (1, 2), True])
def test_keys_and_values_that_are_not_weights_are_left_out(tmp_path: Path, key: Any) -> None:
    weights = {key: torch.ones(1), "network.a": torch.ones(2), "network.b": 3}
    torch.save({"hyper_parameters": HYPER_PARAMETERS, "state_dict": weights}, tmp_path / "c.ckpt")

    assert list(read_weights(tmp_path / "c.ckpt")) == ["a"]


def test_a_compressed_archive_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    state = {"hyper_parameters": HYPER_PARAMETERS, "state_dict": {"network.a": torch.zeros(1 << 20)}}
    torch.save(state, tmp_path / "c.ckpt")
    with (
        zipfile.ZipFile(tmp_path / "c.ckpt") as stored,
        zipfile.ZipFile(tmp_path / "bomb.ckpt", "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for name in stored.namelist():
            bomb.writestr(name, stored.read(name))

    with pytest.raises(ValueError, match=r"bomb\.ckpt is not a checkpoint"):
        read_weights(tmp_path / "bomb.ckpt")
    assert read_weights(tmp_path / "c.ckpt")["a"].numel() == 1 << 20
