"""Networks of other libraries with operators, as ONNX files."""

from pathlib import Path

import pytest
import torch
from pspm_export.writers.onnx.any_network import save_onnx
from pspm_runtime.errors import ModelError
from torch import Tensor, nn

from pspm.operators import replace_upsampling
from tests.pspm.operators.replacement.tiny import SIZE, TINY, outputs, tiny

pytestmark = pytest.mark.slow

# An export unrolls the 25 neighbours of a SAPA or CARAFE kernel, which takes long for six stages of SegFormer.
CHEAP = [("unet", "indexnet-hin"), ("unet-vgg", "max-unpool"), ("fpn", "sapa-b-k3"), ("segformer", "indexnet-hin")]
MORE = [(family, operator) for family in TINY for operator in ("sapa-b", "indexnet-hin", "a2u-dynamic-cs", "carafe")]


class Results(nn.Module):
    """The part of a network's results that depends on the upsampling."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> list[Tensor]:
        return outputs(self.network, x)


@pytest.mark.parametrize(
    ("family", "operator"), [*CHEAP, *(pytest.param(*more, marks=pytest.mark.exhaustive) for more in MORE)]
)
def test_the_file_computes_what_torch_computes(family: str, operator: str, tmp_path: Path) -> None:
    network = tiny(family)
    try:
        replace_upsampling(network, operator)
    except ModelError:
        pytest.skip("this operator does not fit, see test_families.py")
    path = tmp_path / "network.onnx"
    # Trained weights are not at hand. Those of a start give logits near 0, so the largest value is the measure.
    assert save_onnx(Results(network), (torch.rand(1, 3, SIZE, SIZE),), path) < 1e-4
    assert path.stat().st_size > 10_000


def test_a_file_that_would_differ_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    with pytest.raises(ModelError, match=r"differs from torch by .*was not written"):
        save_onnx(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Softplus()), (torch.rand(1, 3, 8, 8),), path, tolerance=-1)
    assert not path.exists()
