"""ImageNet weights in the layouts of torchvision, SegFormer's authors and timm, with random numbers."""

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from pspm_runtime.command.cli import main
from torch import Tensor

from pspm.networks.encoders.mit import MIT_B1, Grid, MiT
from pspm.networks.encoders.mobilenet import MobileNetV2
from pspm.networks.encoders.resnet import PooledResNet34, ResNet34
from pspm.networks.encoders.vgg_pooled import PooledVGG16
from pspm.networks.layers.convolution import conv_bias
from pspm.operators import MaxPool
from pspm.training.weights import imagenet
from pspm.training.weights.imagenet import kind_of, start_from_imagenet
from pspm.training.weights.imagenet_files import MEAN, STD, convert, read_encoder

State = dict[str, Tensor]
Layout = Callable[[], State]


class Layers:
    """Weights of a layout, layer by layer."""

    def __init__(self) -> None:
        self.state: State = {}
        self.random = torch.Generator().manual_seed(0)

    def add(self, name: str, *shape: int) -> None:
        self.state[name] = torch.randn(shape, generator=self.random) * 0.1

    def conv(self, name: str, outputs: int, inputs: int, kernel: int, *, bias: bool = False) -> None:
        self.add(f"{name}.weight", outputs, inputs, kernel, kernel)
        if bias:
            self.add(f"{name}.bias", outputs)

    def linear(self, name: str, outputs: int, inputs: int) -> None:
        self.add(f"{name}.weight", outputs, inputs)
        self.add(f"{name}.bias", outputs)

    def norm(self, name: str, channels: int, *, batch: bool = True) -> None:
        self.add(f"{name}.weight", channels)
        self.add(f"{name}.bias", channels)
        if batch:
            self.add(f"{name}.running_mean", channels)
            self.state[f"{name}.running_var"] = torch.rand(channels, generator=self.random) + 0.5
            self.state[f"{name}.num_batches_tracked"] = torch.tensor(1)


def mobilenet_v2() -> State:
    layers, inputs, block = Layers(), 32, 1
    layers.conv("features.0.0", 32, 3, 3)
    layers.norm("features.0.1", 32)
    for t, c, n in ((1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1)):
        for _ in range(n):
            path, hidden, at = f"features.{block}.conv", inputs * t, 0
            if t > 1:
                layers.conv(f"{path}.0.0", hidden, inputs, 1)
                layers.norm(f"{path}.0.1", hidden)
                at = 1
            layers.conv(f"{path}.{at}.0", hidden, 1, 3)
            layers.norm(f"{path}.{at}.1", hidden)
            layers.conv(f"{path}.{at + 1}", c, hidden, 1)
            layers.norm(f"{path}.{at + 2}", c)
            inputs, block = c, block + 1
    layers.conv("features.18.0", 1280, 320, 1)
    layers.norm("features.18.1", 1280)
    layers.linear("classifier.1", 10, 1280)
    return layers.state


def resnet34() -> State:
    layers, inputs = Layers(), 64
    layers.conv("conv1", 64, 3, 7)
    layers.norm("bn1", 64)
    for layer, (width, depth) in enumerate(((64, 3), (128, 4), (256, 6)), 1):
        for block in range(depth):
            path = f"layer{layer}.{block}"
            layers.conv(f"{path}.conv1", width, inputs, 3)
            layers.norm(f"{path}.bn1", width)
            layers.conv(f"{path}.conv2", width, width, 3)
            layers.norm(f"{path}.bn2", width)
            if inputs != width:
                layers.conv(f"{path}.downsample.0", width, inputs, 1)
                layers.norm(f"{path}.downsample.1", width)
            inputs = width
    layers.linear("fc", 10, 512)
    return layers.state


def mit(depths: tuple[int, ...], *, timm: bool = False) -> State:
    layers, inputs = Layers(), 3
    for i, (width, depth, reduction) in enumerate(zip((64, 128, 320, 512), depths, (8, 4, 2, 1), strict=True)):
        patches = f"patch_embed{i + 1}"
        if timm:
            patches = f"stages.{i}.downsample" if i else "patch_embed"
        layers.conv(f"{patches}.proj", width, inputs, 7 if i == 0 else 3, bias=True)
        layers.norm(f"{patches}.norm", width, batch=False)
        for block in range(depth):
            path = f"stages.{i}.blocks.{block}" if timm else f"block{i + 1}.{block}"
            layers.norm(f"{path}.norm1", width, batch=False)
            layers.linear(f"{path}.attn.q", width, width)
            layers.linear(f"{path}.attn.kv", 2 * width, width)
            layers.linear(f"{path}.attn.proj", width, width)
            if reduction > 1:
                layers.conv(f"{path}.attn.sr", width, width, reduction, bias=True)
                layers.norm(f"{path}.attn.norm", width, batch=False)
            layers.norm(f"{path}.norm2", width, batch=False)
            layers.linear(f"{path}.mlp.fc1", 4 * width, width)
            layers.conv(f"{path}.mlp.dwconv" if timm else f"{path}.mlp.dwconv.dwconv", 4 * width, 1, 3, bias=True)
            layers.linear(f"{path}.mlp.fc2", width, 4 * width)
        layers.norm(f"stages.{i}.norm" if timm else f"norm{i + 1}", width, batch=False)
        inputs = width
    layers.linear("head.fc" if timm else "head", 10, 512)
    return layers.state


def vgg16(*, norms: bool) -> State:
    """Without random numbers in the linear layer, which has 100 million weights."""
    layers, inputs, at = Layers(), 3, 0
    for width, depth in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(depth):
            layers.conv(f"features.{at}", width, inputs, 3, bias=True)
            if norms:
                layers.norm(f"features.{at + 1}", width)
            inputs, at = width, at + (3 if norms else 2)
        at += 1
    layers.state["classifier.0.weight"] = torch.zeros(4096, 512 * 7 * 7)
    layers.state["classifier.0.weight"][5, 49 * 7 + 10] = 1
    layers.add("classifier.0.bias", 4096)
    layers.linear("classifier.3", 16, 16)
    return layers.state


def photos(side: int = 64) -> tuple[Tensor, Tensor]:
    """Photos in [-1, 1], and as ImageNet's networks take them."""
    unit = torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(1))
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    return unit * 2 - 1, (unit - mean) / std


def batch_norm(state: State, name: str, x: Tensor) -> Tensor:
    mean, variance, weight, bias = (state[f"{name}.{key}"] for key in ("running_mean", "running_var", "weight", "bias"))
    return F.batch_norm(x, mean, variance, weight, bias)


def converted(state: State, folder: Path) -> Path:
    torch.save(state, folder / "theirs.pth")
    assert main(["imagenet", str(folder / "theirs.pth"), "-o", str(folder / "ours.npz")]) == 0
    return folder / "ours.npz"


@torch.no_grad()
def test_torchvisions_mobilenet_is_folded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = mobilenet_v2()
    path = converted(state, tmp_path)
    assert capsys.readouterr().out == f"{path}: MobileNetV2\n"
    encoder = MobileNetV2(output_stride=32, conv=conv_bias)
    ours, theirs = photos()
    start_from_imagenet(encoder, path, ours)
    stem = encoder.get_submodule("stages.0.0")
    expected = batch_norm(state, "features.0.1", F.conv2d(theirs, state["features.0.0.weight"], stride=2))
    torch.testing.assert_close(stem(ours)[..., :31, :31], expected, rtol=1e-4, atol=1e-4)
    x = torch.randn(1, 96, 8, 8, generator=torch.Generator().manual_seed(2))
    depthwise = encoder.get_submodule("stages.2.0.block.1.0")
    expected = F.conv2d(F.pad(x, (0, 1, 0, 1)), state["features.2.conv.1.0.weight"], stride=2, groups=96)
    torch.testing.assert_close(depthwise(x), batch_norm(state, "features.2.conv.1.1", expected), rtol=1e-4, atol=1e-4)
    x = torch.randn(1, 960, 4, 4, generator=torch.Generator().manual_seed(3))
    last = encoder.get_submodule("stages.7.0.block.2.0")
    expected = batch_norm(state, "features.17.conv.3", F.conv2d(x, state["features.17.conv.2.weight"]))
    torch.testing.assert_close(last(x), expected, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_torchvisions_resnet_keeps_its_features(tmp_path: Path) -> None:
    state, encoder = resnet34(), ResNet34(4).eval()
    ours, theirs = photos()
    start_from_imagenet(encoder, converted(state, tmp_path), ours)
    stem = torch.nn.Sequential(*list(encoder.stem.children())[:2])
    expected = batch_norm(state, "bn1", F.conv2d(theirs, state["conv1.weight"], stride=2, padding=3))
    found = stem(torch.cat([ours, torch.ones_like(ours[:, :1])], 1))
    torch.testing.assert_close(found[..., 2:-2, 2:-2], expected[..., 2:-2, 2:-2], rtol=1e-4, atol=1e-4)
    x = torch.randn(1, 128, 8, 8, generator=torch.Generator().manual_seed(2))
    project = encoder.get_submodule("layers.2.0.project")
    expected = batch_norm(state, "layer3.0.downsample.1", F.conv2d(x, state["layer3.0.downsample.0.weight"], stride=2))
    torch.testing.assert_close(project(x), expected, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_a_pooled_resnet_gets_the_statistics_of_the_strided_one(tmp_path: Path) -> None:
    torch.save(resnet34(), tmp_path / "resnet34.pth")
    pooled, strided = PooledResNet34(4, [MaxPool() for _ in range(4)]), ResNet34(3).eval()
    ours, _ = photos()
    for encoder in (pooled, strided):
        start_from_imagenet(encoder, tmp_path / "resnet34.pth", ours)
    expected = strided.stem[1](strided.stem[0](ours))
    found = pooled.stem[1](pooled.stem[0](F.pad(ours, (0, 0, 0, 0, 0, 1))))
    torch.testing.assert_close(found.mean((0, 2, 3)), expected.mean((0, 2, 3)), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(found.std((0, 2, 3)), expected.std((0, 2, 3)), rtol=1e-2, atol=1e-3)
    state = resnet34()
    for path, key in (("heads.1.conv1.0", "layer2.0.conv1"), ("layers.2.2.conv2.0", "layer3.3.conv2")):
        assert torch.equal(pooled.get_parameter(f"{path}.weight"), state[f"{key}.weight"])


@torch.no_grad()
@pytest.mark.parametrize("norms", [False, True])
def test_torchvisions_vgg_keeps_its_features(norms: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    state, encoder = vgg16(norms=norms), PooledVGG16([MaxPool() for _ in range(5)], channels=4).eval()
    converted = convert(state)
    assert converted.kind == kind_of(encoder) == "vgg16"
    monkeypatch.setattr(imagenet, "read_encoder", lambda path: converted)
    ours, theirs = photos(32)
    start_from_imagenet(encoder, Path("vgg16.pth"), ours)

    def layer(at: int, x: Tensor) -> Tensor:
        x = F.conv2d(x, state[f"features.{at}.weight"], state[f"features.{at}.bias"], padding=1)
        return batch_norm(state, f"features.{at + 1}", x) if norms else x

    first = encoder.get_submodule("stages.0.0")[:2]  # type: ignore[index]
    found = first(torch.cat([ours, torch.ones_like(ours[:, :1])], 1))
    torch.testing.assert_close(found[..., 1:-1, 1:-1], layer(0, theirs)[..., 1:-1, 1:-1], rtol=1e-4, atol=1e-4)
    x = torch.randn(1, 512, 2, 2, generator=torch.Generator().manual_seed(2))
    last = encoder.get_submodule("stages.4.2")[:2]  # type: ignore[index]
    torch.testing.assert_close(last(x), layer(40 if norms else 28, x), rtol=1e-4, atol=1e-4)
    context = encoder.get_parameter("context.0.weight")
    assert context.nonzero().tolist() == [[5, 7, 1, 3]]


@torch.no_grad()
@pytest.mark.parametrize("timm", [False, True])
def test_mit_splits_keys_and_values(tmp_path: Path, timm: bool) -> None:
    state, encoder = mit(MIT_B1, timm=timm), MiT(MIT_B1, channels=4).eval()
    ours, theirs = photos()
    start_from_imagenet(encoder, converted(state, tmp_path), ours)
    embed = "patch_embed.proj" if timm else "patch_embed1.proj"
    expected = F.conv2d(theirs, state[f"{embed}.weight"], state[f"{embed}.bias"], stride=4, padding=3)
    found = encoder.get_submodule("stages.0.patches")(torch.cat([ours, torch.ones_like(ours[:, :1])], 1))
    torch.testing.assert_close(found[..., 1:-1, 1:-1], expected[..., 1:-1, 1:-1], rtol=1e-4, atol=1e-4)
    path = "stages.3.blocks.1.attn" if timm else "block4.1.attn"

    def linear(name: str, x: Tensor) -> Tensor:
        return F.linear(x, state[f"{path}.{name}.weight"], state[f"{path}.{name}.bias"])

    x = torch.randn(1, 4, 512, generator=torch.Generator().manual_seed(2))
    q = linear("q", x).reshape(1, 4, 8, 64).transpose(1, 2)
    k, v = linear("kv", x).reshape(1, 4, 2, 8, 64).permute(2, 0, 3, 1, 4)
    attended = ((q @ k.transpose(2, 3)) / 8).softmax(3) @ v
    expected = linear("proj", attended.transpose(1, 2).reshape(1, 4, 512))
    found = encoder.get_submodule("stages.3.blocks.1.attention")(x, x, x, Grid(2, 2))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_files_may_be_wrapped(tmp_path: Path) -> None:
    plain = mit(MIT_B1)
    torch.save({"state_dict": {f"module.backbone.{key}": value for key, value in plain.items()}}, tmp_path / "w.pth")
    assert read_encoder(tmp_path / "w.pth").kind == "mit_b1"


def test_files_of_old_torch_are_read_if_their_sizes_are_true(tmp_path: Path) -> None:
    state = mobilenet_v2()
    torch.save(state, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    assert torch.equal(read_encoder(tmp_path / "old.pth").weights["50_conv_b"], convert(state).weights["50_conv_b"])
    content, numel = (tmp_path / "old.pth").read_bytes(), struct.pack("<I", state["features.18.0.weight"].numel())
    (tmp_path / "huge.pth").write_bytes(content.replace(b"J" + numel, b"J" + struct.pack("<I", 2**31 - 1)))
    with pytest.raises(
        ValueError, match=r"huge\.pth has no ImageNet weights that PSPM can use: its contents are unknown"
    ):
        read_encoder(tmp_path / "huge.pth")


def missing_layer() -> State:
    state = mobilenet_v2()
    del state["features.4.conv.3.running_var"]
    return state


def without_linear_layers() -> State:
    state = vgg16(norms=False)
    return {key: value for key, value in state.items() if key.startswith("features.")}


def vgg_of_another_size() -> State:
    return without_linear_layers() | {"classifier.0.weight": torch.zeros(8, 8)}


def of_another_width() -> State:
    return resnet34() | {"layer1.0.conv1.weight": torch.zeros(32, 64, 3, 3)}


def with_one(layout: Layout, key: str, value: Tensor) -> Layout:
    """A layout in which one tensor is another."""
    return lambda: layout() | {key: value}


@pytest.mark.parametrize(
    ("layout", "reason"),
    [
        (missing_layer, "it lacks 'features.4.conv.3.running_var'"),
        (of_another_width, r"its layers.0.0.conv1.0.weight is of shape \(32, 64, 3, 3\), not \(64, 64, 3, 3\)"),
        (
            with_one(mobilenet_v2, "features.5.conv.1.0.weight", torch.zeros(3, 3)),
            r"its features.5.conv.1.0.weight is of shape \(3, 3\), not \(192, 1, 3, 3\)",
        ),
        (
            with_one(mobilenet_v2, "features.0.1.bias", torch.zeros(1)),
            r"its features.0.1.bias is of shape \(1,\), not \(32,\)",
        ),
        (
            with_one(mobilenet_v2, "features.2.conv.0.1.bias", torch.full((96,), torch.nan)),
            "its 03_conv_b is not finite",
        ),
        (
            with_one(resnet34, "layer1.0.bn1.bias", torch.full((64,), torch.inf)),
            "its layers.0.0.conv1.1.bias is not finite",
        ),
        (without_linear_layers, "it lacks 'classifier.0.weight'"),
        (vgg_of_another_size, r"its classifier.0.weight is of shape \(8, 8\), not \(4096, 25088\)"),
        (lambda: mit((1, 2, 2, 2)), r"its \(1, 2, 2, 2\) blocks are neither MiT-B1's nor MiT-B2's"),
        (lambda: {"a": torch.zeros(1)}, "its layout is unknown"),
    ],
)
def test_other_files_are_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: Layout, reason: str
) -> None:
    torch.save(layout(), tmp_path / "odd.pth")
    with pytest.raises(ValueError, match=f"odd.pth has no ImageNet weights that PSPM can use: {reason}; take"):
        read_encoder(tmp_path / "odd.pth")
    assert main(["imagenet", str(tmp_path / "odd.pth"), "-o", str(tmp_path / "out.npz")]) == 1
    assert capsys.readouterr().err.startswith(f"pspm: {tmp_path / 'odd.pth'} has no ImageNet weights")
    assert not (tmp_path / "out.npz").exists()


def test_damaged_and_huge_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "cut.pth").write_bytes(b"PK\x03\x04 cut short")
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04 cut short")
    np.savez(tmp_path / "pickled.npz", allow_pickle=True, mit_b1=np.array([{}], object))
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.npy", "w") as a:
        for _ in range(600):
            a.write(bytes(1 << 20))
    for name in ("cut.pth", "cut.npz", "pickled.npz", "bomb.npz"):
        with pytest.raises(ValueError, match=f"{name} has no ImageNet weights that PSPM can use"):
            read_encoder(tmp_path / name)
    with pytest.raises(FileNotFoundError, match=r"absent\.pth does not exist"):
        read_encoder(tmp_path / "absent.pth")


@pytest.mark.parametrize("layout", [mobilenet_v2, resnet34, lambda: mit(MIT_B1)])
def test_a_converted_file_with_a_weight_too_few_or_of_another_shape_is_refused(tmp_path: Path, layout: Layout) -> None:
    arrays = dict(np.load(converted(layout(), tmp_path)))
    first = next(iter(arrays))
    np.savez(tmp_path / "shape.npz", **arrays | {first: np.zeros((2, 2), np.float32)})
    with pytest.raises(ValueError, match=r"shape.npz has no ImageNet .* is of shape \(2, 2\), not"):
        read_encoder(tmp_path / "shape.npz")
    np.savez(tmp_path / "few.npz", **{key: value for key, value in arrays.items() if key != first})
    with pytest.raises(ValueError, match=r"few.npz has no ImageNet weights that PSPM can use: it (lacks|has 50 conv)"):
        read_encoder(tmp_path / "few.npz")


def test_a_folder_is_no_file_of_weights(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is a folder; name a file of ImageNet weights"):
        read_encoder(tmp_path)
