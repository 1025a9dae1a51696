"""ImageNet weights in `pspm task`: every layout, with random numbers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from pspm_runtime.command.cli import main
from torch import Tensor, nn
from torchvision import models

from pspm.networks.encoders.mit import MIT_B1, MiT
from pspm.tasks.by_name import encoder_weights, task_named
from pspm.tasks.depth.task import Depth
from pspm.tasks.encoders.places import ENCODERS, encoder_path
from pspm.tasks.networks.mobilenet_v1 import MobileNetV1
from pspm.tasks.networks.resnet50 import ResNet50
from pspm.tasks.networks.segnet import SegNet
from pspm.tasks.runs.module import TaskModule
from pspm.tasks.task import Made, Task
from pspm.training.weights.imagenet_files import MIT, rename, split_keys_and_values
from tests.pspm.tasks import published
from tests.pspm.training.test_imagenet_files import mit, photos

State = dict[str, Tensor]

pytestmark = pytest.mark.slow


def random_state(make: Callable[[], nn.Module]) -> State:
    """Weights of a network of a library, without the time to make or to save a large classifier."""
    with torch.device("meta"):
        state = make().state_dict()
    random = torch.Generator().manual_seed(0)
    found = {}
    for key, value in state.items():
        if key.startswith(("fc.", "classifier.")):
            found[key] = torch.zeros(2)
        elif key.endswith("num_batches_tracked"):
            found[key] = torch.tensor(1)
        else:
            found[key] = torch.rand(value.shape, generator=random) * 0.1 + (0.5 if "running_var" in key else -0.05)
    return found


def authors_mobilenet() -> State:
    """MobileNet with the names of FastDepth's authors, as data parallel training saves it."""
    layers = random_state(lambda: MobileNetV1((32, 64, 128, 128, 256, 256, *[512] * 6, 1024, 1024), [], pools=False))
    return {key.replace("layers.", "module.model."): value for key, value in layers.items()}


FILES: dict[str, Callable[[], State]] = {
    "vgg16": lambda: random_state(models.vgg16),
    "vgg16_bn": lambda: random_state(models.vgg16_bn),
    "vgg19": lambda: random_state(models.vgg19),
    "resnet18": lambda: random_state(models.resnet18),
    "resnet34": lambda: random_state(models.resnet34),
    "resnet50": lambda: random_state(models.resnet50),
    "mobilenet_v2": lambda: random_state(models.mobilenet_v2),
    "mobilenet": authors_mobilenet,
    "timm mobilenet": lambda: random_state(lambda: timm.create_model("mobilenetv1_100")),
    "mit_b1": lambda: mit(MIT_B1),
    "timm mit_b1": lambda: mit(MIT_B1, timm=True),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Writes each file once."""
    folder = tmp_path_factory.mktemp("imagenet")

    def written(name: str) -> Path:
        path = folder / f"{name.replace(' ', '_')}.pth"
        if not path.exists():
            torch.save(FILES[name](), path)
        return path

    return written


def owner(network: str) -> Task:
    """The task of a network."""
    return next(task for name in ("segment", "depth", "detect") if network in (task := task_named(name)).networks)


def started(network: str, file: Path, operator: str = "nearest") -> nn.Module:
    """The network with the weights of a file, in eval mode."""
    task, made = owner(network), Made(network, operator, 2)
    weights = encoder_weights(task, made, file)
    assert weights
    built = task.build(made)
    assert not built.load_state_dict(weights, strict=False).unexpected_keys
    return built.eval()


@torch.no_grad()
@pytest.mark.parametrize("name", ["vgg16", "vgg16_bn"])
def test_segnets_first_stage_computes_what_vggs_does(name: str, files: Callable[[str], Path]) -> None:
    network, ours_and_theirs = started("segnet", files(name)), photos(16)
    assert isinstance(network, SegNet)
    state = FILES[name]()
    vgg = models.vgg.make_layers(models.vgg.cfgs["D"], batch_norm=name == "vgg16_bn")
    vgg.load_state_dict({key.removeprefix("features."): v for key, v in state.items() if key.startswith("features.")})
    ours = network.body.down[0](ours_and_theirs[0])
    theirs = vgg.eval()[: 6 if name == "vgg16_bn" else 4](ours_and_theirs[1])
    # Their padding is the mean of ImageNet's pixels, ours mid-grey.
    assert torch.allclose(ours[..., 2:-2, 2:-2], theirs[..., 2:-2, 2:-2], atol=1e-4)
    last = network.body.down[4][2][0].weight
    assert torch.equal(last, state["features.40.weight" if name == "vgg16_bn" else "features.28.weight"])


@torch.no_grad()
@pytest.mark.parametrize("network", ["bts-r50", "hu-r50"])
def test_the_depth_networks_stem_computes_what_resnets_does(network: str, files: Callable[[str], Path]) -> None:
    encoder = started(network, files("resnet50")).get_submodule("encoder")
    assert isinstance(encoder, ResNet50)
    resnet, (ours, theirs) = models.resnet50(), photos(64)
    resnet.load_state_dict(FILES["resnet50"]() | {"fc.weight": resnet.fc.weight, "fc.bias": resnet.fc.bias})
    resnet.eval()
    half = resnet.relu(resnet.bn1(resnet.conv1(theirs)))
    assert torch.allclose(encoder(ours).half[..., 2:-2, 2:-2], half[..., 2:-2, 2:-2], atol=1e-4)
    assert torch.equal(encoder.layer4[2].conv3.weight, resnet.layer4[2].conv3.weight)


@torch.no_grad()
@pytest.mark.parametrize(("network", "operator"), [("fastdepth", "nearest"), ("fastdepth", "indexnet-hin")])
def test_fastdepths_encoder_is_the_same_from_both_layouts(
    network: str, operator: str, files: Callable[[str], Path]
) -> None:
    encoder = started(network, files("mobilenet"), operator).get_submodule("encoder")
    assert isinstance(encoder, MobileNetV1)
    state, (ours, theirs) = authors_mobilenet(), photos(16)
    stem = nn.Sequential(nn.Conv2d(3, 32, 3, encoder.layers[0][0].stride, 1, bias=False), nn.BatchNorm2d(32))
    stem.load_state_dict({f"{i}.{k}": state[f"module.model.0.{i}.{k}"] for i, k in (
        (0, "weight"), (1, "weight"), (1, "bias"), (1, "running_mean"), (1, "running_var"),
    )}, strict=False)  # fmt: skip
    found, truth = encoder.layers[0](ours), nn.functional.relu6(stem.eval()(theirs))
    assert torch.allclose(found[..., 1:-1, 1:-1], truth[..., 1:-1, 1:-1], atol=1e-4)
    assert torch.equal(encoder.layers[13][3].weight, state["module.model.13.3.weight"])
    timm_state = FILES["timm mobilenet"]()
    again = started(network, files("timm mobilenet"), operator).get_submodule("encoder.layers")
    assert torch.equal(again[13][3].weight, timm_state["blocks.4.1.conv_pw.weight"])  # type: ignore[index]
    assert torch.equal(again[1][1].running_var, timm_state["blocks.0.0.bn1.running_var"])  # type: ignore[index]


@torch.no_grad()
@pytest.mark.parametrize("name", ["mit_b1", "timm mit_b1"])
def test_segformers_encoder_computes_what_ours_does(name: str, files: Callable[[str], Path]) -> None:
    theirs, own = started("segformer-b1", files(name), "bilinear").get_submodule("network.segformer"), MiT(MIT_B1, 3)
    own.load_state_dict({k: v for k, v in split_keys_and_values(rename(FILES[name](), MIT)).items() if "head" not in k})
    pixels = photos(64)[1]
    found = theirs(pixels, output_hidden_states=True).hidden_states
    for ours, each in zip(own.eval()(pixels), found[-4:], strict=True):
        assert torch.allclose(ours, each, atol=1e-4 * float(ours.abs().max()))


@pytest.mark.parametrize(
    ("network", "file"),
    [
        ("unet-resnet18", "resnet18"),
        ("fpn-resnet18", "resnet18"),
        ("upernet-mobilenet", "mobilenet_v2"),
        ("faster-rcnn-small", "resnet18"),
        ("faster-rcnn-r50", "resnet50"),
    ],
)
def test_networks_that_normalise_take_every_weight_as_it_is(
    network: str, file: str, files: Callable[[str], Path]
) -> None:
    built, state = started(network, files(file), "sapa-b"), FILES[file]()
    own = built.get_submodule(encoder_path(network) or "").state_dict()
    assert set(own) == {key for key in state if not key.startswith(("fc.", "classifier."))}
    assert all(torch.equal(value, state[key]) for key, value in own.items() if "num_batches" not in key)


@pytest.mark.parametrize(
    ("network", "file", "reason"),
    [
        ("segnet", "vgg19", "it has 16 convolutions of a VGG, not 13; take torchvision's VGG-16"),
        ("segnet", "resnet18", "it has 0 convolutions of a VGG, not 13; take torchvision's VGG-16"),
        ("bts-r50", "resnet18", "its layer1.0.conv1.weight is of shape (64, 64, 3, 3), not (64, 64, 1, 1); take"),
        ("unet-resnet18", "resnet34", "it has layer1.2.conv1.weight, which the encoder does not; take torchvision's"),
        ("fastdepth", "mobilenet_v2", "it lacks 'layers.0.0.weight'; take MobileNet of FastDepth's authors or of timm"),
        ("segformer-b1", "resnet50", "it lacks 'stages.0.patch_embeddings.proj.weight'; take MiT-B1"),
        ("maskformer-swin-b", "resnet50", "patch_embeddings.projection.weight'; take Swin-B for 384 pixels (swin"),
        ("fastdepth-pruned", "mobilenet", "PSPM reads no ImageNet weights for fastdepth-pruned, so its encoder starts"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_fit_is_answered_in_one_sentence(
    network: str, file: str, reason: str, files: Callable[[str], Path]
) -> None:
    with pytest.raises(ValueError, match=r"^(?!.*\n)") as error:
        encoder_weights(owner(network), Made(network, "nearest", 2), files(file))
    assert reason in str(error.value)


def test_every_network_with_an_encoder_has_it_where_the_table_says() -> None:
    for network, encoder in ENCODERS.items():
        with torch.device("meta"):
            built = owner(network).build(Made(network, "nearest", 2))
        assert next(built.get_submodule(encoder.path).parameters()).shape[0]


def test_training_starts_from_the_file_and_another_file_is_another_budget(
    tmp_path: Path, files: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = published.write_people(tmp_path / "data"), tmp_path / "out"
    command = ["task", "segment", "--data", str(data), "-o", str(out), "--network", "unet-resnet18"]
    command += ["--operators", "bilinear", "--steps", "1", "--batch", "1", "--seeds", "1", "--limit", "1"]
    command += ["--accelerator", "cpu"]
    assert main([*command, "--imagenet", str(files("resnet18"))]) == 0
    assert "1 seed, encoders from resnet18.pth." in capsys.readouterr().out
    saved = torch.load(next(out.rglob("weights.ckpt")), weights_only=True)["state_dict"]
    file = FILES["resnet18"]()["layer4.1.conv2.weight"]
    trained = saved["network.network.encoder.layer4.1.conv2.weight"]
    # One step of Adam changes a weight by at most the learning rate.
    assert (trained - file).abs().max() < 2 * task_named("segment").recipes["short"].lr
    assert main(command) == 1
    assert "has runs of another budget (imagenet); use its options or another folder" in capsys.readouterr().err
    assert main([*command[:-2], "--evaluate", "w.ckpt", "--imagenet", "w.pth"]) == 1
    assert "--imagenet is for training; leave it out with --evaluate" in capsys.readouterr().err
    assert main([*command[:4], "-o", str(tmp_path / "new"), "--imagenet", "none.pth"]) == 1
    assert capsys.readouterr().err == "pspm: none.pth does not exist; name a file of ImageNet weights\n"
    assert not (tmp_path / "new").exists()


def test_recipes_freeze_what_the_papers_freeze() -> None:
    task = Depth()
    network = task.build(Made("bts-r50", "nearest"))
    facts: dict[str, Any] = {"steps": 1, "seed": 0, "network": "bts-r50"}
    module = TaskModule(task, network, task.recipes["bts"], [], facts, 0)  # type: ignore[arg-type]
    module.recipe.start_training(network, module.encoder)
    encoder = network.get_submodule("encoder")
    norms = [layer for layer in encoder.modules() if isinstance(layer, nn.BatchNorm2d)]
    fixed = {key for key, p in network.named_parameters() if not p.requires_grad}
    assert not any(norm.training for norm in norms)
    assert len(fixed) == 1 + 2 * len(norms)
    assert "encoder.conv1.weight" in fixed
    assert any(layer.training for key, layer in network.named_modules() if isinstance(layer, nn.BatchNorm2d))
    assert sum(len(group["params"]) for group in module.recipe.optimizer_of(network, module.encoder).param_groups) == (
        len(list(network.parameters())) - len(fixed)
    )
    scratch = task.build(Made("bts-r50", "nearest"))
    task.recipes["bts"].from_scratch().freeze(scratch, "encoder")
    assert all(p.requires_grad for p in scratch.parameters())
