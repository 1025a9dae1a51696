"""The networks of other tasks in every format, with one operator of each kind, compared with torch."""

import json
from pathlib import Path

import pytest
import torch
from pspm_export.plan.formats import FORMATS
from pspm_export.task_networks import export
from pspm_export.task_networks.export import Wanted, export_task_network
from pspm_export.task_networks.interface import sample_input
from pspm_runtime import ModelError
from pspm_runtime.bundle import digest
from torch import nn

from pspm.tasks.networks import TASK_NETWORKS
from tests.pspm.tasks.narrow_networks import narrow

pytestmark = pytest.mark.slow

SIDE = 64
# What every run exports: each network, each format, operators that are lowered in different ways.
CASES = [
    ("segnet", "max-unpool", "onnx"),
    ("dncnn-segnet", "indexnet-m2o", "tflite"),
    ("fastdepth", "max-unpool", "coreml"),
]
KINDS = ("max-unpool", "nearest", "indexnet-hin", "indexnet-m2o", "a2u-dynamic-cs-d", "carafe", "sapa-b")
MORE = [
    *(
        (name, operator, kind)
        for name in ("segnet", "fastdepth", "dncnn-segnet")
        for operator in KINDS
        for kind in FORMATS
        if (name, operator, kind) not in CASES
    ),
    *(("dncnn", None, kind) for kind in FORMATS),
    *(("bts-r50", "indexnet-hin", kind) for kind in FORMATS),
    *(("hu-r50", "indexnet-hin", kind) for kind in FORMATS),
]


def settled(name: str, operator: str | None) -> nn.Module:
    """A narrow network in eval mode whose batch norms have the statistics of the sample portrait."""
    network, x = narrow(name, operator).train(), sample_input(TASK_NETWORKS[name], SIDE, SIDE)
    with torch.no_grad():
        for _ in range(10):
            network(torch.cat([x, x.flip(3)]))
    return network.eval()


def wanted(name: str, operator: str | None, kind: str, size: tuple[int, int] | None = (SIDE, SIDE)) -> Wanted:
    return Wanted(name, operator, TASK_NETWORKS[name], kind, size)


@pytest.mark.parametrize(
    ("name", "operator", "kind"), [*CASES, *(pytest.param(*case, marks=pytest.mark.exhaustive) for case in MORE)]
)
def test_a_file_computes_what_torch_does(name, operator, kind, tmp_path: Path):
    found = export_task_network(settled(name, operator), wanted(name, operator, kind), tmp_path / "out")
    assert found[SIDE, SIDE].mean_error < 1e-4
    facts = json.loads((tmp_path / "out/network.json").read_text())
    assert facts["sha256"] == digest(tmp_path / "out" / facts["file"])
    assert (facts["task"], facts["input"]["size"]) == (TASK_NETWORKS[name].task, {"height": SIDE, "width": SIDE})


def test_an_onnx_file_of_any_size_is_compared_at_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(export, "SIZE", (SIDE, SIDE))
    network = settled("dncnn-segnet", "max-unpool")
    found = export_task_network(network, wanted("dncnn-segnet", "max-unpool", "onnx", None), tmp_path)
    assert list(found) == [(64, 64), (64, 80)]
    assert json.loads((tmp_path / "network.json").read_text())["input"]["size"] == {"multiple": 8}


def test_a_file_of_another_network_is_refused_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The file is of the network with another bias."""

    class Other(export.task_file("onnx").__class__):
        def write(self, network, *arguments):
            network.prediction.bias.data += 1
            super().write(network, *arguments)
            network.prediction.bias.data -= 1

    monkeypatch.setattr(export, "task_file", lambda name: Other())
    with pytest.raises(ModelError, match=r"model.onnx is refused: at 64x64 it differs from torch"):
        export_task_network(
            settled("dncnn-segnet", "nearest"), wanted("dncnn-segnet", "nearest", "onnx"), tmp_path / "o"
        )
    assert list(tmp_path.iterdir()) == []


def test_a_side_that_does_not_fit_is_one_sentence(tmp_path: Path):
    with pytest.raises(ModelError, match=r"a side of 65 is not a multiple of 32, which the network needs; .* is 64"):
        export_task_network(settled("segnet", "nearest"), wanted("segnet", "nearest", "onnx", (64, 65)), tmp_path)


def test_a_network_that_is_constant_is_refused(tmp_path: Path):
    """Its file could compute anything that the last layer hides."""
    network = settled("fastdepth", "nearest")
    torch.nn.init.constant_(network.prediction[1].bias, -100)
    with pytest.raises(ModelError, match="fastdepth gives 0 at every pixel of the sample portrait"):
        export_task_network(network, wanted("fastdepth", "nearest", "onnx"), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
