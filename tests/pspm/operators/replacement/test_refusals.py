"""What cannot be replaced: one clear error, and a network that is as it was."""

import subprocess
import sys

import pytest
import torch
from pspm_runtime.errors import ModelError
from torch import nn

from pspm.operators import replace_upsampling
from tests.pspm.operators.replacement.tiny import SIZE, outputs, tiny


def test_an_unknown_operator_is_named_with_those_there_are() -> None:
    with pytest.raises(ModelError, match=r"no operator named 'sapa' \(closest: sapa-.*the operators are max-unpool"):
        replace_upsampling(tiny("fpn"), "sapa")


def test_a_network_without_upsampling() -> None:
    with pytest.raises(ModelError, match="found no upsampling to replace in Conv2d: it is of no known family"):
        replace_upsampling(nn.Conv2d(3, 3, 1), "sapa-b")


def test_upsampling_of_a_network_that_is_not_known_is_to_be_named() -> None:
    network = nn.Sequential(nn.Conv2d(3, 3, 3, 2, 1), nn.Upsample(scale_factor=2))
    with pytest.raises(ModelError, match="name its upsampling in pairs, for example 1"):
        replace_upsampling(network, "sapa-b")


def test_a_scripted_network() -> None:
    with pytest.raises(ModelError, match="up is scripted, and cannot be changed"):
        scripted = torch.jit.script(nn.Upsample(scale_factor=2))
        replace_upsampling(nn.ModuleDict({"up": scripted}), "sapa-b")
    with pytest.raises(ModelError, match="the network is scripted"):
        replace_upsampling(torch.jit.script(nn.Upsample(scale_factor=2)), "sapa-b")


def test_a_network_that_has_operators_already() -> None:
    network = tiny("fpn")
    replace_upsampling(network, "nearest")
    with pytest.raises(ModelError, match=r"decoder\.p4\.upsampling is already an operator's"):
        replace_upsampling(network, "sapa-b")


def test_levels_that_are_not_half_of_one_another() -> None:
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

    config = SegformerConfig(hidden_sizes=[8] * 4, depths=[1] * 4, decoder_hidden_size=8, strides=[4, 2, 4, 2])
    with pytest.raises(ModelError, match=r"levels of strides \[4, 2, 4, 2\]"):
        replace_upsampling(SegformerForSemanticSegmentation(config), "sapa-b")


@pytest.mark.parametrize("operator", ["carafe", "sapa-b"])
def test_odd_features_at_run_time(operator: str) -> None:
    network = tiny("segformer")
    replace_upsampling(network, operator)
    with pytest.raises(ModelError, match=r"upsampling\.0\.0 doubles a feature of 9 x 8, but meets one of 17 x 16"):
        outputs(network, torch.rand(1, 3, SIZE + 2, SIZE))


def test_a_plain_import_needs_no_other_library() -> None:
    code = (
        "import sys; import pspm.operators; "
        "print([m for m in ('torchvision', 'transformers', 'timm', 'segmentation_models_pytorch') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
