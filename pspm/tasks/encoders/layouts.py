"""Files of ImageNet weights, by the names that the weights have in our networks' encoders."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

from pspm.training.weights.imagenet_files import MIT, rename, split_keys_and_values
from pspm.training.weights.vgg16 import vgg16

State = dict[str, Tensor]

# From the names of `pspm.networks.encoders.mit` to those of transformers.
TRANSFORMERS_MIT = (
    (r"^(stages\.\d)\.patches\.", r"\1.patch_embeddings.proj."),
    (r"^(stages\.\d)\.norm_in\.", r"\1.patch_embeddings.layer_norm."),
    (r"^(stages\.\d)\.norm_out\.", r"\1.layer_norm."),
    (r"\.norm1\.", ".layernorm_before."),
    (r"\.norm2\.", ".layernorm_after."),
    (r"\.attention\.reduction\.", ".attention.sequence_reduction.sequence_reduction."),
    (r"\.attention\.norm\.", ".attention.sequence_reduction.layer_norm."),
    (r"\.attention\.([qkv])\.", r".attention.\1_proj."),
    (r"\.attention\.proj\.", ".attention.o_proj."),
    (r"\.feed_forward\.expand\.", ".mlp.fc1."),
    (r"\.feed_forward\.depthwise\.", ".mlp.dwconv.dwconv."),
    (r"\.feed_forward\.project\.", ".mlp.fc2."),
)
# Parts of the layers of `pspm.tasks.networks.mobilenet_v1`, by their names in timm.
TIMM_MOBILENET = {"conv_dw": 0, "bn1": 1, "conv_pw": 3, "bn2": 4}


class Layout(NamedTuple):
    """A network that ImageNet weights are of.

    title: for messages, with where its files come from. names: gives the file's weights the encoder's names; raises
    ValueError or KeyError for another network's. convolution, norm: the names of the first layer's. rest: beginnings of
    the names of the classifier, which the encoder does not have. fresh: beginnings of the names of what the encoder has
    for our task alone; it starts at random.
    """

    title: str
    names: Callable[[State], State]
    convolution: str
    norm: str
    rest: tuple[str, ...]
    fresh: tuple[str, ...] = ()


def unchanged(state: State) -> State:
    """The weights, whose names are the same."""
    return state


def mobilenet_v1(state: State) -> State:
    """MobileNet, with the names of FastDepth's authors (`model.0.0.weight`) or of timm (`conv_stem.weight`)."""
    if "conv_stem.weight" not in state:
        return rename(state, ((r"^model\.", "layers."),))
    blocks = sorted({tuple(map(int, key.split(".")[1:3])) for key in state if key.startswith("blocks.")})
    named = {}
    for key, value in state.items():
        match key.split("."):
            case ["conv_stem", part]:
                key = f"layers.0.0.{part}"
            case ["bn1", part]:
                key = f"layers.0.1.{part}"
            case ["blocks", stage, block, layer, part] if layer in TIMM_MOBILENET:
                key = f"layers.{1 + blocks.index((int(stage), int(block)))}.{TIMM_MOBILENET[layer]}.{part}"
        named[key] = value
    return named


def mit(state: State) -> State:
    """A Mix Transformer with the names of SegFormer's authors or of timm."""
    return rename(split_keys_and_values(rename(state, MIT)), TRANSFORMERS_MIT)


VGG_16 = Layout("torchvision's VGG-16, with or without batch norms", vgg16, "0.0.0", "0.0.1", ())
MOBILENET_V1 = Layout(
    "MobileNet of FastDepth's authors or of timm", mobilenet_v1, "layers.0.0", "layers.0.1", ("fc.", "classifier.")
)
MOBILENET_V2 = Layout("torchvision's MobileNetV2", unchanged, "features.0.0", "features.0.1", ("classifier.",))
RESNET_18 = Layout("torchvision's ResNet-18", unchanged, "conv1", "bn1", ("fc.",))
RESNET_50 = Layout("torchvision's ResNet-50", unchanged, "conv1", "bn1", ("fc.",))
MIT_B1 = Layout(
    "MiT-B1 of SegFormer's authors or of timm",
    mit,
    "stages.0.patch_embeddings.proj",
    "stages.0.patch_embeddings.layer_norm",
    ("head.",),
)
