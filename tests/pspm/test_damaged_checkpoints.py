"""Checkpoints that were not written by `pspm train`."""

import io
import tarfile
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


def save_with_pickle(path: Path, data: bytes) -> None:
    """A checkpoint whose pickle is replaced."""
    torch.save({}, path)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, data if name.endswith("data.pkl") else content)


@pytest.mark.parametrize(
    "called", [b"cbuiltins\nbytearray\n", b"\x8c\x08builtins\x8c\tbytearray\x93", b"ctorch._utils\n_rebuild_qtensor\n"]
)
def test_a_pickle_that_calls_anything_else_is_refused(called: bytes, tmp_path: Path) -> None:
    """A bytearray of 2 GB in a file of 500 bytes is what torch would make."""
    save_with_pickle(tmp_path / "c.ckpt", b"\x80\x04" + called + b"J\xff\xff\xff\x7f\x85R.")
    with pytest.raises(ValueError, match=r"c\.ckpt is not a checkpoint"):
        read_weights(tmp_path / "c.ckpt")


@pytest.mark.parametrize("claimed", [2**16 - 1, 2**30])
def test_weights_that_lie_about_their_length_are_refused(claimed: int, tmp_path: Path) -> None:
    state = {"hyper_parameters": HYPER_PARAMETERS, "state_dict": {"network.a": torch.ones(777)}}
    torch.save(state, tmp_path / "c.ckpt")
    with zipfile.ZipFile(tmp_path / "c.ckpt") as archive:
        data = archive.read("c/data.pkl").replace(b"M\x09\x03", b"J" + claimed.to_bytes(4, "little"))
        weights = archive.read("c/data/0")
    assert data.count(b"J") == 2
    save_with_pickle(tmp_path / "c.ckpt", data)
    with zipfile.ZipFile(tmp_path / "c.ckpt", "a") as archive:
        archive.writestr("c/data/0", weights)
    with pytest.raises(ValueError, match=r"c\.ckpt is not a checkpoint"):
        read_weights(tmp_path / "c.ckpt")


def test_one_element_that_stands_for_many_is_refused(tmp_path: Path) -> None:
    weights = {"network.a": torch.ones(1).expand(1 << 40)}
    torch.save({"hyper_parameters": HYPER_PARAMETERS, "state_dict": weights}, tmp_path / "c.ckpt")
    with pytest.raises(ValueError, match="not whole"):
        read_weights(tmp_path / "c.ckpt")


def old_pickle() -> bytes:
    buffer = io.BytesIO()
    state = {"hyper_parameters": HYPER_PARAMETERS, "state_dict": {"network.a": torch.ones(777)}}
    torch.save(state, buffer, _use_new_zipfile_serialization=False)
    return buffer.getvalue()


def lying_pickle() -> bytes:
    """It says that a weight has 2 billion elements."""
    return old_pickle().replace(b"M\x09\x03", b"J\xff\xff\xff\x7f")


def old_archive() -> bytes:
    """A tar file with a storage that says that it has 8 GB."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in ("sys_info", "storages", "tensors", "pickle"):
            entry = tarfile.TarInfo(name)
            entry.size = 8 << 30 if name == "storages" else 0
            archive.addfile(entry)
    return buffer.getvalue()


@pytest.mark.parametrize("made", [old_pickle, lying_pickle, old_archive])
def test_files_of_the_first_versions_of_torch_are_refused(made: Any, tmp_path: Path) -> None:
    """Their sizes are not checked before memory is taken, and `pspm train` never wrote them."""
    (tmp_path / "c.ckpt").write_bytes(made())
    with pytest.raises(ValueError, match=r"c\.ckpt is not a checkpoint"):
        read_weights(tmp_path / "c.ckpt")
