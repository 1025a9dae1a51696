"""ImageNet weights of Swin Transformers, in both layouts, with random numbers."""

import pytest
import torch
from timm.models.swin_transformer import SwinTransformer
from torch import Tensor, nn
from transformers import MaskFormerSwinConfig, SwinBackbone, SwinConfig
from transformers.models.maskformer.modeling_maskformer_swin import MaskFormerSwinBackbone

from pspm.tasks.by_name import task_named
from pspm.tasks.encoders.imagenet import fitting
from pspm.tasks.encoders.layouts import Layout
from pspm.tasks.encoders.places import ENCODERS, Encoder
from pspm.tasks.encoders.swin import SWIN_B, SWIN_B_OF_MASKFORMER
from pspm.tasks.task import Made

State = dict[str, Tensor]

pytestmark = pytest.mark.slow

# So that the coarsest map is larger than a window: timm does not shift windows that are as large as the map.
SIDE, WINDOW, WIDTH, DEPTHS, HEADS = 128, 2, 8, (2, 2, 2, 2), (1, 2, 2, 4)
STAGES = ["stage1", "stage2", "stage3", "stage4"]
OPTIONS = {"image_size": SIDE, "window_size": WINDOW, "embed_dim": WIDTH, "out_features": STAGES}


def timms() -> SwinTransformer:
    """A small network whose weights are far from those of a start."""
    torch.manual_seed(0)
    network = SwinTransformer(SIDE, embed_dim=WIDTH, depths=DEPTHS, num_heads=HEADS, window_size=WINDOW, num_classes=3)
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.3)
    return network.eval()


def by_its_authors(state: State) -> State:
    """The file that the authors' code would write of timm's network: patches merge in the stage before."""
    names = {f"layers.{n}.downsample.": f"layers.{n - 1}.downsample." for n in (1, 2, 3)}
    named = {}
    for key, value in state.items():
        start = next((name for name in names if key.startswith(name)), "")
        named[names[start] + key.removeprefix(start) if start else key.replace("head.fc.", "head.")] = value
    tables = {"layers.0.blocks.1.attn_mask": torch.zeros(64, 4, 4)}
    tables["layers.0.blocks.0.attn.relative_position_index"] = torch.zeros(4, 4, dtype=torch.int64)
    return named | tables


def encoder(layout: Layout) -> nn.Module:
    """The encoder of MaskFormer or of Mask2Former, as small."""
    if layout is SWIN_B:
        return SwinBackbone(SwinConfig(**OPTIONS, depths=list(DEPTHS), num_heads=list(HEADS)))
    config = MaskFormerSwinConfig(**OPTIONS, depths=list(DEPTHS), num_heads=list(HEADS))
    return MaskFormerSwinBackbone(config)


@torch.no_grad()
@pytest.mark.parametrize("layout", [SWIN_B, SWIN_B_OF_MASKFORMER], ids=["mask2former", "maskformer"])
@pytest.mark.parametrize("authors", [False, True], ids=["timm", "authors"])
def test_the_encoder_computes_what_timms_does(layout: Layout, *, authors: bool) -> None:
    theirs = timms()
    state = by_its_authors(theirs.state_dict()) if authors else theirs.state_dict()
    network = nn.ModuleDict({"encoder": encoder(layout)})
    named = fitting(state, Encoder("encoder", layout, normalises=True), layout, network)
    ours = network["encoder"]
    missing, more = ours.load_state_dict(named, strict=False)
    assert not more
    assert all(key.startswith("hidden_states_norms.") or "relative_position_index" in key for key in missing)
    for norm in (m for key, m in ours.named_modules() if "hidden_states_norms." in key):
        # Theirs has no norms behind its stages.
        norm.forward = lambda x: x  # type: ignore[method-assign]
    pixels = torch.randn(1, 3, SIDE, SIDE)
    truth, x = [], theirs.patch_embed(pixels)
    for layer in theirs.layers:
        x = layer(x)
        truth.append(x.permute(0, 3, 1, 2))
    for found, expected in zip(ours.eval()(pixels).feature_maps, truth, strict=True):
        assert torch.allclose(found, expected, atol=1e-4 * float(expected.abs().max()))


@pytest.mark.parametrize("name", ["maskformer-swin-b", "mask2former-swin-b"])
def test_the_whole_network_finds_every_weight_and_refuses_another_window(name: str) -> None:
    with torch.device("meta"):
        swin = SwinTransformer(
            384, embed_dim=128, depths=(2, 2, 18, 2), num_heads=(4, 8, 16, 32), window_size=12, num_classes=3
        )
        network = task_named("segment").build(Made(name, "nearest", 2))
    state, place = swin.state_dict(), ENCODERS[name]
    assert place.layout
    found = fitting(state, place, place.layout, network)
    whole = [key for key in state if not key.startswith("head.")]
    # Queries, keys and values are three.
    assert len(found) == len(whole) + 2 * sum(".qkv." in key for key in whole)
    table = "layers.0.blocks.0.attn.relative_position_bias_table"
    with pytest.raises(ValueError, match=r"relative_position_bias_table is of shape \(169, 4\), not \(529, 4\)"):
        fitting(state | {table: torch.zeros(169, 4)}, place, place.layout, network)
