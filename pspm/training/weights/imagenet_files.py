"""Read ImageNet weights of encoders: our own .npz files, and the files of torchvision, SegFormer's authors and timm.

Our networks take pixels in [-1, 1]; these files expect pixels normalised by ImageNet's mean and standard deviation. The
first layer takes over the difference.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pspm.checkpoint import is_whole, load_safely
from pspm.networks.encoders.mit import MIT_B1, MIT_B2, MiT
from pspm.networks.encoders.mobilenet import MobileNetV2
from pspm.networks.encoders.resnet import ResNet34
from pspm.networks.encoders.vgg_pooled import VGG_CHANNELS, PooledVGG16
from pspm.operators import MaxPool
from pspm.training.weights.vgg16 import vgg16

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# torchvision's number of blocks, each with three convolutions; the first has two.
MOBILENET_BLOCKS = 17
FOLDED = re.compile(r"\d+_\w+_[wb]")
# VGG-16 has 470 MB up to its first linear layer; a file that unpacks to more than this is no encoder of ours.
LARGEST = 2**29
RGB = 3

TITLES = {
    "mobilenet_v2": "MobileNetV2",
    "resnet34": "ResNet-34",
    "vgg16": "VGG-16",
    "mit_b1": "MiT-B1",
    "mit_b2": "MiT-B2",
}
DEPTHS = {MIT_B1: "mit_b1", MIT_B2: "mit_b2"}

State = dict[str, Tensor]

# From their names to ours, in this order.
RESNET = (
    (r"^conv1\.", "stem.0."),
    (r"^bn1\.", "stem.1."),
    (r"^layer(\d)\.(\d)\.conv(\d)\.", lambda m: f"layers.{int(m[1]) - 1}.{m[2]}.conv{m[3]}.0."),
    (r"^layer(\d)\.(\d)\.bn(\d)\.", lambda m: f"layers.{int(m[1]) - 1}.{m[2]}.conv{m[3]}.1."),
    (r"^layer(\d)\.(\d)\.downsample\.", lambda m: f"layers.{int(m[1]) - 1}.{m[2]}.project."),
)
MIT = (
    # SegFormer's authors.
    (r"^patch_embed(\d)\.proj\.", lambda m: f"stages.{int(m[1]) - 1}.patches."),
    (r"^patch_embed(\d)\.norm\.", lambda m: f"stages.{int(m[1]) - 1}.norm_in."),
    (r"^block(\d)\.", lambda m: f"stages.{int(m[1]) - 1}.blocks."),
    (r"^norm(\d)\.", lambda m: f"stages.{int(m[1]) - 1}.norm_out."),
    # timm, whose transformers of this family share these names.
    (r"^patch_embed\.proj\.", "stages.0.patches."),
    (r"^patch_embed\.norm\.", "stages.0.norm_in."),
    (r"^(stages\.\d)\.downsample\.proj\.", r"\1.patches."),
    (r"^(stages\.\d)\.downsample\.norm\.", r"\1.norm_in."),
    (r"^(stages\.\d)\.norm\.", r"\1.norm_out."),
    # Both.
    (r"\.attn\.sr\.", ".attention.reduction."),
    (r"\.attn\.", ".attention."),
    (r"\.mlp\.fc1\.", ".feed_forward.expand."),
    (r"\.mlp\.dwconv\.(dwconv\.)?", ".feed_forward.depthwise."),
    (r"\.mlp\.fc2\.", ".feed_forward.project."),
)


@dataclass(frozen=True)
class EncoderWeights:
    """ImageNet weights for pixels in [-1, 1]. kind: a key of `TITLES`.

    weights: for "mobilenet_v2", in the order of the layers, "NN_conv_w" and "NN_conv_b" of convolutions with folded
    batch norms; for the others, by the names of `ResNet34`, `PooledVGG16` or `MiT`, with three input channels.
    """

    kind: str
    weights: State

    @property
    def folded(self) -> list[tuple[Tensor, Tensor]]:
        """The (weight, bias) pairs of a "mobilenet_v2"."""
        names = sorted(key.removesuffix("_w") for key in self.weights if key.endswith("_w"))
        return [(self.weights[f"{name}_w"], self.weights[f"{name}_b"]) for name in names]

    def npz(self) -> bytes:
        """As an .npz file that `read_encoder` reads."""
        prefix = "" if self.kind == "mobilenet_v2" else f"{self.kind}."
        buffer = io.BytesIO()
        arrays: dict[str, Any] = {prefix + key: value.numpy() for key, value in self.weights.items()}
        np.savez(buffer, **arrays)
        return buffer.getvalue()


def read_encoder(path: Path) -> EncoderWeights:
    """Read a file of ImageNet weights in any of the known layouts.

    Raises FileNotFoundError if it does not exist, ValueError if it is damaged, too large, or of another network, or if
    a weight is infinite or not a number.
    """
    check_exists(path)
    try:
        return _finite(_read_npz(path) if path.suffix == ".npz" else convert(read_state(path)))
    except (ValueError, KeyError, zipfile.BadZipFile, EOFError, OSError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise ValueError(
            f"{path} has no ImageNet weights that PSPM can use: {reason}; take torchvision's MobileNetV2, ResNet-34 or "
            "VGG-16, or SegFormer's MiT-B1 or MiT-B2"
        ) from None


def _finite(encoder: EncoderWeights) -> EncoderWeights:
    for key, value in encoder.weights.items():
        if not value.isfinite().all():
            raise ValueError(f"its {key} is not finite")
    return encoder


def check_exists(path: Path) -> None:
    """Raise FileNotFoundError if there is no such file."""
    if path.is_dir():
        raise FileNotFoundError(f"{path} is a folder; name a file of ImageNet weights")
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; name a file of ImageNet weights")


def read_state(path: Path) -> State:
    """The weights of a .pth file by its own names. Raises FileNotFoundError, or ValueError if it is damaged."""
    check_exists(path)
    return _state(load_safely(path, old_format=True))


def convert(state: State) -> EncoderWeights:
    """Convert weights in torchvision's, the SegFormer authors' or timm's layout. Raises KeyError, ValueError."""
    if "features.0.0.weight" in state:
        return EncoderWeights("mobilenet_v2", _fold_mobilenet(state))
    if "layer1.0.conv1.weight" in state:
        renamed = _chosen(rename(state, RESNET), _encoder("resnet34"))
        return EncoderWeights("resnet34", _adapt_batch_norm(renamed))
    if "features.0.weight" in state:
        return EncoderWeights("vgg16", _vgg16(state))
    if "patch_embed1.proj.weight" in state or "patch_embed.proj.weight" in state:
        renamed = split_keys_and_values(rename(state, MIT))
        depths = tuple(
            len({key.split(".")[3] for key in renamed if key.startswith(f"stages.{i}.blocks.")}) for i in range(4)
        )
        for known, kind in DEPTHS.items():
            if known == depths:
                return EncoderWeights(kind, _adapt_bias(_chosen(renamed, _encoder(kind))))
        raise ValueError(f"its {depths} blocks are neither MiT-B1's nor MiT-B2's")
    raise ValueError("its layout is unknown")


def _read_npz(path: Path) -> EncoderWeights:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
            raise ValueError(f"it unpacks to more than {LARGEST >> 20} MiB")
    with np.load(path) as archive:
        arrays = {key: torch.from_numpy(archive[key]) for key in archive.files}
    if arrays and all(FOLDED.fullmatch(key) for key in arrays):
        encoder = EncoderWeights("mobilenet_v2", arrays)
        _check_folded(encoder.folded)
        return encoder
    kinds = {key.partition(".")[0] for key in arrays}
    if len(kinds) != 1 or not kinds <= TITLES.keys():
        raise ValueError("its layout is unknown")
    kind = kinds.pop()
    named = {key.partition(".")[2]: value for key, value in arrays.items()}
    return EncoderWeights(kind, _chosen(named, _encoder(kind)))


def _encoder(kind: str) -> nn.Module:
    """The network that has the weights of a kind, without numbers: for its names and shapes."""
    with torch.device("meta"):
        if kind == "mobilenet_v2":
            return MobileNetV2()
        if kind == "resnet34":
            return ResNet34(RGB)
        if kind == "vgg16":
            return PooledVGG16([MaxPool() for _ in VGG_CHANNELS], channels=RGB)
        return MiT(next(depths for depths, known in DEPTHS.items() if known == kind), RGB)


def _convolution_shapes() -> list[torch.Size]:
    """Of the weights of MobileNetV2's convolutions, in the order of the forward pass."""
    layers = _encoder("mobilenet_v2").modules()
    return [layer.weight.shape for layer in layers if isinstance(layer, nn.Conv2d)]


def _check_folded(folded: list[tuple[Tensor, Tensor]]) -> None:
    """Raise ValueError unless these are MobileNetV2's convolutions; the classifier may follow them."""
    shapes = _convolution_shapes()
    if len(folded) < len(shapes):
        raise ValueError(f"it has {len(folded)} convolutions, not {len(shapes)}")
    for i, ((weight, bias), shape) in enumerate(zip(folded, shapes, strict=False)):
        _check_shape(f"{i + 1}. weight", weight, shape)
        _check_shape(f"{i + 1}. bias", bias, shape[:1])


def _check_shape(name: str, value: Tensor, shape: torch.Size) -> None:
    if value.shape != shape:
        raise ValueError(f"its {name} is of shape {tuple(value.shape)}, not {tuple(shape)}")


def _state(content: object) -> State:
    """The tensors of a file, whatever it wraps them in, without the prefixes of wrappers; may be empty."""
    for wrapper in ("state_dict", "model"):
        if isinstance(content, dict) and isinstance(content.get(wrapper), dict):
            content = content[wrapper]
    named = content.items() if isinstance(content, dict) else ()
    tensors = {key: value for key, value in named if isinstance(key, str) and isinstance(value, Tensor)}
    if not all(map(is_whole, tensors.values())):
        raise ValueError("its weights are not whole")
    return {re.sub(r"^(module\.)?(backbone\.)?", "", key): value.float() for key, value in tensors.items()}


def rename(state: State, names: tuple[tuple[str, Any], ...]) -> State:
    """The weights by other names. names: patterns and what replaces them, in this order."""
    renamed = {}
    for key, value in state.items():
        for pattern, ours in names:
            key = re.sub(pattern, ours, key)
        renamed[key] = value
    return renamed


def _chosen(state: State, like: nn.Module) -> State:
    """The weights that a module has, in its shapes. Raises KeyError or ValueError if one is missing or does not fit."""
    chosen = {}
    for key, value in like.state_dict().items():
        if key.endswith("num_batches_tracked"):
            continue
        _check_shape(key, state[key], value.shape)
        chosen[key] = state[key]
    return chosen


def split_keys_and_values(state: State) -> State:
    """The transformers' shared linear layer for keys and values as two."""
    split = {}
    for key, value in state.items():
        if ".attention.kv." in key:
            split[key.replace(".kv.", ".k.")], split[key.replace(".kv.", ".v.")] = value.chunk(2)
        else:
            split[key] = value
    return split


def _fold_mobilenet(state: State) -> State:
    weights = {}
    for i, ((conv, norm), shape) in enumerate(zip(_mobilenet_layers(), _convolution_shapes(), strict=True)):
        _check_shape(f"{conv}.weight", state[f"{conv}.weight"], shape)
        for name in ("weight", "bias", "running_mean", "running_var"):
            _check_shape(f"{norm}.{name}", state[f"{norm}.{name}"], shape[:1])
        factor = state[f"{norm}.weight"] / (state[f"{norm}.running_var"] + nn.BatchNorm2d(1).eps).sqrt()
        weight = state[f"{conv}.weight"] * factor[:, None, None, None]
        bias = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * factor
        if i == 0:
            weight, shift = for_our_range(weight)
            bias = bias + shift
        weights[f"{i:02d}_conv_w"], weights[f"{i:02d}_conv_b"] = weight, bias
    return weights


def _vgg16(state: State) -> State:
    """The convolutions and the first linear layer, which is a 7x7 convolution here, for pixels in [-1, 1]."""
    ours = _encoder("vgg16")
    linear, shape = state["classifier.0.weight"], ours.get_parameter("context.0.weight").shape
    _check_shape("classifier.0.weight", linear, torch.Size((shape[0], shape[1:].numel())))
    named = {f"stages.{key}": value for key, value in vgg16(state).items()}
    named |= {"context.0.weight": linear.view(shape), "context.0.bias": state["classifier.0.bias"]}
    chosen = _chosen(named, ours)
    weight, shift = for_our_range(chosen["stages.0.0.0.weight"])
    return chosen | {"stages.0.0.0.weight": weight, "stages.0.0.0.bias": chosen["stages.0.0.0.bias"] + shift}


def _mobilenet_layers() -> Iterator[tuple[str, str]]:
    """The convolutions of torchvision's MobileNetV2, each with its batch norm, in the order of the forward pass."""
    yield "features.0.0", "features.0.1"
    for block in range(1, MOBILENET_BLOCKS + 1):
        path, convolutions = f"features.{block}.conv", 1 if block == 1 else 2
        for i in range(convolutions):
            yield f"{path}.{i}.0", f"{path}.{i}.1"
        yield f"{path}.{convolutions}", f"{path}.{convolutions + 1}"


def for_our_range(weight: Tensor) -> tuple[Tensor, Tensor]:
    """A first layer's weight, (out, 3, k, k), for pixels in [-1, 1], and the bias, (out,), that goes with it.

    ImageNet's pixels are (u - MEAN) / STD with u = (x + 1) / 2 in [0, 1].
    """
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    return weight / (2 * std), (weight * (0.5 - mean) / std).sum((1, 2, 3))


def _adapt_batch_norm(state: State) -> State:
    """The same for a first layer without a bias: the batch norm behind it subtracts that much less."""
    weight, shift = for_our_range(state["stem.0.weight"])
    return state | {"stem.0.weight": weight, "stem.1.running_mean": state["stem.1.running_mean"] - shift}


def _adapt_bias(state: State) -> State:
    weight, shift = for_our_range(state["stages.0.patches.weight"])
    bias = state["stages.0.patches.bias"] + shift
    return state | {"stages.0.patches.weight": weight, "stages.0.patches.bias": bias}
