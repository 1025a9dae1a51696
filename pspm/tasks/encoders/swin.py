"""Files of Swin Transformers, by the names that the weights have in transformers."""

import re

from torch import Tensor

from pspm.tasks.encoders.layouts import Layout, State
from pspm.training.weights.imagenet_files import rename

# The authors keep the merging of patches in the stage before it, timm in the stage behind it.
TIMMS_MERGING = re.compile(r"^layers\.(\d)\.downsample\.")
# What both networks of transformers call alike.
EITHER = (
    (r"^patch_embed\.proj\.", "embeddings.patch_embeddings.projection."),
    (r"^patch_embed\.norm\.", "embeddings.norm."),
    (r"^norm\.", "layernorm."),
    (r"^layers\.", "encoder.layers."),
    (r"\.norm1\.", ".layernorm_before."),
    (r"\.norm2\.", ".layernorm_after."),
)
# The encoder of MaskFormer.
MASKFORMER = (
    *EITHER,
    (r"^", "model."),
    (r"\.attn\.proj\.", ".attention.output.dense."),
    (r"\.attn\.", ".attention.self."),
    (r"\.mlp\.fc1\.", ".intermediate.dense."),
    (r"\.mlp\.fc2\.", ".output.dense."),
)
# `SwinBackbone`, the encoder of Mask2Former.
BACKBONE = (
    *EITHER,
    (r"^", "swin."),
    (r"\.attn\.proj\.", ".attention.o_proj."),
    (r"\.attn\.(query|key|value)\.", lambda m: f".attention.{m[1][0]}_proj."),
    (r"\.attn\.relative_position_bias_table$", ".attention.relative_position_bias.relative_position_bias_table"),
)
TITLE = "Swin-B for 384 pixels (swin_base_patch4_window12_384) of its authors or of timm"


def in_maskformer(state: State) -> State:
    """The weights by the names of MaskFormer's encoder."""
    return rename(_split(state), MASKFORMER)


def in_backbone(state: State) -> State:
    """The weights by the names of `SwinBackbone`."""
    return rename(_split(state), BACKBONE)


def _split(state: State) -> State:
    """The authors' names, with queries, keys and values apart."""
    # Only timm's last stage merges patches.
    from_timm = "layers.3.downsample.reduction.weight" in state
    split: dict[str, Tensor] = {}
    for key, value in state.items():
        if from_timm:
            key = TIMMS_MERGING.sub(lambda m: f"layers.{int(m[1]) - 1}.downsample.", key)
        if ".attn.qkv." in key:
            parts = zip(("query", "key", "value"), value.chunk(3), strict=True)
            split |= {key.replace(".qkv.", f".{name}."): part for name, part in parts}
        else:
            split[key] = value
    return split


SWIN_B_OF_MASKFORMER = Layout(
    TITLE,
    in_maskformer,
    "model.embeddings.patch_embeddings.projection",
    "model.embeddings.norm",
    ("model.head.",),
    ("hidden_states_norms.",),
)
SWIN_B = Layout(
    TITLE,
    in_backbone,
    "swin.embeddings.patch_embeddings.projection",
    "swin.embeddings.norm",
    ("swin.head.",),
    ("hidden_states_norms.",),
)
