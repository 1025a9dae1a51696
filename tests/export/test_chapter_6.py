"""Every network of chapter 6 in every format: the file is compared with torch, also at a size that was not traced."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import torch
from pspm_export.plan.export_spec import spec_for
from pspm_export.plan.formats import FORMATS
from pspm_export.verification.parity import torch_alpha
from pspm_export.verification.sample_inputs import ring_trimap, sample_image, sample_view
from pspm_export.writers.find_writer import find_writer
from pspm_export.writers.lowering import lower

from pspm.bn_folding import fold_norms
from pspm.networks import MattingNetwork
from tests.networks import settle_within_the_clamp

pytestmark = pytest.mark.slow

# One name for each network: A1 is IndexNet matting, B1 has B's layers, and PSPNet B1 those of PSPNet B.
NETWORKS = ("b3", "b4", "b5", "b5-fm", "deeplab", "indexnet", "a2", "b", "b2", "pspnet", "psp-b", "psp-b5")
# Tracing a dynamic ONNX file takes longest, so only networks whose layers the others lack are traced so.
DYNAMIC_ONNX = ("psp-b5", "a2")
# ONNX is checked for all networks in every run. Core ML and TFLite take long to write, so they are checked for networks
# that together have all layers of the others.
IN_EVERY_RUN = {"onnx": NETWORKS, "coreml": ("b3", "b5-fm", "a2", "psp-b5"), "tflite": ("b5-fm", "psp-b5")}
TRACED, OTHER = (64, 96), (96, 64)


@lru_cache(maxsize=1)
def settled(name: str) -> MattingNetwork:
    """A network that has seen the sample portrait at four brightnesses, with noise."""

    def batches(network: MattingNetwork) -> list[torch.Tensor]:
        inputs = network.given(sample_image(*TRACED), torch.from_numpy(ring_trimap(*TRACED))[None, None])
        inputs = torch.cat([inputs, -inputs, inputs / 2 + 0.5, inputs / 2 - 0.5])
        return [inputs + 0.1 * torch.randn(inputs.shape)]

    return settle_within_the_clamp(name, batches)


@pytest.mark.parametrize(
    ("name", "format_name"),
    [
        pytest.param(name, row, marks=() if name in IN_EVERY_RUN[row] else pytest.mark.exhaustive)
        for name in NETWORKS
        for row in FORMATS
    ],
)
def test_every_network_is_in_every_format_what_it_is_in_torch(name: str, format_name: str, tmp_path: Path) -> None:
    """Compare with the lowered and folded network: rounding decides the near-ties of random weights.

    It also adds up: some networks differ by 1e-5, which is far below a level of 8 bits.
    """
    network, row = settled(name), FORMATS[format_name]
    dynamic = format_name == "coreml" or (format_name == "onnx" and name in DYNAMIC_ONNX)
    spec = spec_for(network, row, "fp32", TRACED, dynamic=dynamic)
    writer, file = find_writer(row), tmp_path / row.file
    writer.write(network, file, spec)
    engine = writer.open_engine(file, spec)
    for size in (TRACED, OTHER) if dynamic else (TRACED,):
        trimap = ring_trimap(*size) if network.takes_trimap else None
        expected = torch_alpha(lower(fold_norms(network)), sample_view(*size), trimap)
        assert expected.std() > 0.01, "no matte to compare"
        assert np.abs(engine.alpha(sample_view(*size), trimap) - expected).mean() < 2e-5
