"""What a network takes from another one that shares parts with it."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from pspm.networks import MattingNetwork, build
from pspm.training.weights.start import start_from
from pspm.training.weights.transfer import Transfer, parts

pytestmark = pytest.mark.slow


def random_network(name: str, seed: int = 1) -> MattingNetwork:
    """A network with random weights in every tensor, batch norm statistics included."""
    network, random = build(name), torch.Generator().manual_seed(seed)
    for value in network.state_dict().values():
        if value.is_floating_point():
            value.copy_(torch.rand(value.shape, generator=random) + 0.1)
    return network


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> "Checkpoints":
    return Checkpoints(tmp_path_factory.mktemp("checkpoints"))


class Checkpoints:
    """Checkpoints of random networks, made when they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, name: str) -> Path:
        path = self.folder / f"{name}.ckpt"
        if not path.exists():
            state = {f"network.{key}": value for key, value in random_network(name).state_dict().items()}
            torch.save({"hyper_parameters": {"network": name}, "state_dict": state}, path)
        return path

    def start(self, target: str, *sources: str) -> tuple[MattingNetwork, dict[str, Tensor], list[Transfer]]:
        """The target after the sources, its weights before, and what was taken."""
        network = random_network(target, seed=2)
        before = {key: value.clone() for key, value in network.state_dict().items()}
        return network, before, [start_from(network, self.of(source)) for source in sources]


def is_of(state: dict[str, Tensor], prefix: str, other: dict[str, Tensor], other_prefix: str) -> bool:
    """Whether all weights of a part equal those of another network's part."""
    keys = [key for key in state if key.startswith(prefix)]
    assert keys
    return all(torch.equal(state[key], other[other_prefix + key.removeprefix(prefix)]) for key in keys)


@pytest.mark.parametrize(
    ("target", "source", "taken", "left"),
    [
        ("b5", "b5", (), ()),
        ("b3", "b5", ("encoder", "seg_decoder", "mat_decoder.tail"), ("d7", "d5", "d4", "d3")),
        ("b5", "b3", ("encoder", "seg_decoder", "mat_decoder.tail"), ("f16", "f8", "f4")),
        ("b5", "b4", ("encoder", "seg_decoder", "mat_decoder.tail"), ("f16", "f8", "f4")),
        ("b4", "b3", ("encoder", "seg_decoder", "mat_decoder.d7", "mat_decoder.d5"), ("prior",)),
        ("b5", "deeplab", ("encoder", "seg_decoder"), None),
        ("b5", "psp-b5", ("encoder", "seg_decoder.low", "mat_decoder"), None),
        ("psp-b5", "pspnet", ("encoder", "seg_decoder.pyramid", "seg_decoder.head"), None),
        ("b5-fm", "b5", ("encoder.stages", "seg_decoder", "mat_decoder"), None),
        ("b3", "indexnet", ("mat_decoder.d7.1", "mat_decoder.d5", "mat_decoder.d4", "mat_decoder.d3"), None),
        ("b5", "indexnet", ("mat_decoder.tail.d2", "mat_decoder.tail.d0"), None),
        ("b", "deeplab", ("segmentation",), None),
        ("b", "indexnet", ("matting",), None),
        ("psp-b", "pspnet", ("segmentation",), None),
        ("b2", "b1", (), ()),
        ("mobile-trimap", "mobile", ("encoder", "seg_decoder", "mat_decoder"), None),
    ],
)
def test_a_network_takes_the_parts_that_it_shares(
    checkpoints: Checkpoints, target: str, source: str, taken: tuple[str, ...], left: tuple[str, ...] | None
) -> None:
    network, before, (result,) = checkpoints.start(target, source)
    state = network.state_dict()
    assert set(taken) <= set(result.taken)
    if left is not None:
        assert result.left == tuple(f"mat_decoder.{part}" for part in left)
    for part in result.left:
        assert is_of(state, f"{part}.", before, f"{part}.")
    other = random_network(source).state_dict()
    shared = {key for key in state if key in other and other[key].shape == state[key].shape}
    for key in shared & {key for key in state if any(key.startswith(f"{part}.") for part in taken)}:
        assert torch.equal(state[key], other[key])


def test_the_matdecoder_takes_indexnets_layers_without_their_skips(checkpoints: Checkpoints) -> None:
    network, before, _ = checkpoints.start("b3", "indexnet")
    state, indexnet = network.state_dict(), random_network("indexnet").state_dict()
    for layer, theirs in (("d7.1", 6), ("d5", 5), ("d4", 4), ("d3", 3), ("tail.d2.0", 2), ("tail.d2.1", 1)):
        weight, whole = state[f"mat_decoder.{layer}.0.weight"], indexnet[f"matting.d.{theirs}.0.weight"]
        assert torch.equal(weight, whole[:, : weight.shape[1]])
        assert is_of(state, f"mat_decoder.{layer}.1.", indexnet, f"matting.d.{theirs}.1.")
    for part in ("encoder.", "seg_decoder.", "mat_decoder.d7.0.", "mat_decoder.tail.prediction."):
        assert is_of(state, part, before, part)


def test_a_convolution_with_more_inputs_starts_with_zeros_for_the_new_ones(checkpoints: Checkpoints) -> None:
    network, _, _ = checkpoints.start("psp-b5", "pspnet")
    head, theirs = (n.state_dict()["seg_decoder.head.weight"] for n in (network, random_network("pspnet")))
    assert torch.equal(head[:, :256], theirs)
    assert not head[:, 256:].any()


def test_mobile_trimap_starts_as_mobile(checkpoints: Checkpoints) -> None:
    """Zeros for the trimap and the cues; the layers at full resolution stay."""
    network, before, (result,) = checkpoints.start("mobile-trimap", "mobile")
    state, mobile = network.state_dict(), random_network("mobile").state_dict()
    assert result.left == ("known_colours", "full_resolution")
    for key in ("encoder.stages.0.0.weight", "mat_decoder.pixels.0.weight"):
        assert torch.equal(state[key][:, :3], mobile[key])
        assert not state[key][:, 3:].any()
    assert is_of(state, "full_resolution.", before, "full_resolution.")


def test_b2_starts_as_the_cascade_of_its_halves(checkpoints: Checkpoints) -> None:
    summed, _, _ = checkpoints.start("b", "deeplab", "indexnet")
    separate, _, transfers = checkpoints.start("b2", "deeplab", "indexnet")
    assert [t.taken for t in transfers] == [("segmentation",), ("matting",)]
    image = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1

    def stem_of(network: MattingNetwork) -> Tensor:
        seen: list[Tensor] = []
        stem = network.get_submodule("matting.encoder.stages.0.0")
        hook = stem.register_forward_hook(lambda layer, inputs, output: seen.append(output))
        with torch.no_grad():
            network.eval()(image)
        hook.remove()
        return seen[0]

    torch.testing.assert_close(stem_of(separate), stem_of(summed), rtol=1e-4, atol=1e-4)


def test_operators_are_taken_only_from_the_same_operators(checkpoints: Checkpoints) -> None:
    network, before, (result,) = checkpoints.start("b5+carafe", "b5+sapa-b")
    assert "encoder.operators" in result.left
    assert is_of(network.state_dict(), "encoder.operators.", before, "encoder.operators.")
    network, _, (result,) = checkpoints.start("b3+carafe", "b5+carafe")
    assert "encoder" in result.taken
    carafe = random_network("b5+carafe").state_dict()
    assert is_of(network.state_dict(), "encoder.operators.", carafe, "encoder.operators.")


@pytest.mark.parametrize(
    ("target", "source"), [("mobile", "b5"), ("deeplab", "indexnet"), ("a2u", "indexnet"), ("b1", "b2"), ("b1", "b5")]
)
def test_networks_that_share_nothing_are_refused_in_a_sentence(
    checkpoints: Checkpoints, target: str, source: str
) -> None:
    with pytest.raises(ValueError, match=f"{source}.ckpt has the weights of another network, {source}, that shares no"):
        checkpoints.start(target, source)


def test_a_weight_of_the_wrong_shape_is_named(tmp_path: Path) -> None:
    state = {f"network.{key}": value for key, value in build("b3").state_dict().items()}
    state["network.mat_decoder.d5.0.weight"] = torch.zeros(64, 100, 5, 5)
    torch.save({"hyper_parameters": {"network": "b3"}, "state_dict": state}, tmp_path / "odd.ckpt")
    with pytest.raises(ValueError, match=r"odd.ckpt is not an intact checkpoint of b3: mat_decoder.d5.0.weight does"):
        start_from(build("b3"), tmp_path / "odd.ckpt")


def test_the_line_names_the_largest_parts() -> None:
    network = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1)))
    taken, left = parts(network, {"0.weight", "0.bias", "1.0.weight"})
    assert (taken, left) == (("0", "1.0.weight"), ("1.0.bias", "1.1"))
    assert str(Transfer("run.ckpt", "b5", taken, left)) == (
        "run.ckpt (b5): took 0, 1.0.weight; left as it was: 1.0.bias, 1.1"
    )
    assert str(Transfer("run.ckpt", "b5", *parts(network, set(network.state_dict())))) == (
        "run.ckpt (b5): took all weights"
    )


@pytest.mark.parametrize(
    ("target", "source", "line"),
    [
        ("mobile", "mobile", "mobile (mobile): took all weights"),
        ("b5", "b5", "b5 (b5): took all weights"),
        ("b5", "b5-fm", "b5-fm (b5-fm): took all weights"),
        (
            "mobile-trimap",
            "mobile",
            "mobile (mobile): took encoder, seg_decoder, mat_decoder; left as it was: known_colours, full_resolution",
        ),
        (
            "b3",
            "b5",
            "b5 (b5): took encoder, seg_decoder, mat_decoder.tail; "
            "left as it was: mat_decoder.d7, mat_decoder.d5, mat_decoder.d4, mat_decoder.d3",
        ),
    ],
)
def test_the_counters_of_batch_norms_are_no_weights(target: str, source: str, line: str) -> None:
    """A shipped model holds folded weights, without the counters."""
    assert str(start_from(build(target), source)) == line


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("none.ckpt", "does not exist; name the checkpoint.ckpt of a `pspm train` run, or a shipped network: mobile,"),
        ("", "is a folder; name the checkpoint.ckpt of a `pspm train` run"),
    ],
)
def test_a_source_that_is_no_file(tmp_path: Path, source: str, answer: str) -> None:
    with pytest.raises(ValueError, match=answer):
        start_from(build("b3"), tmp_path / source)
