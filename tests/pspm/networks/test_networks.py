"""Every network: outputs, gradients, and the same matte after lowering and folding; how networks are put together."""

import pytest
import torch
from pspm_export.writers.lowering import AlphaOnly, lower
from pspm_runtime.stages.network_view import InputSize
from torch import nn

from pspm.bn_folding import fold_norms
from pspm.counting import count
from pspm.networks import NETWORKS, build
from pspm.networks.cascade import Cascade
from pspm.networks.trimap import trimap_prior
from pspm.networks.trimap_based.given_trimap import GivenTrimap
from pspm.networks.trimap_based.rmat import RMat
from pspm.operators import IndexNet
from pspm.training.weights.transfer import transfer
from tests.networks import random_image, random_input, settled

pytestmark = pytest.mark.slow

# These differ from tested networks only in the depth of the encoder.
DEEPER = ("rmat-b7", "rmat-b8", "rmat-b9", "rmat-b10", "rmat-m7")
# These differ in the operator or in a width; test_matting_baselines.py compares them with the tested ones.
SIMILAR = ("matting-b4", "matting-b6", "matting-b7", "matting-b9", "b11-1.4")
# One name for each network: names that differ only in training share a factory.
DISTINCT = {factory: name for name, factory in NETWORKS.items() if name not in (*DEEPER, *SIMILAR)}.values()
# 130 million weights take long.
HUGE = ("matting-b3",)


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.exhaustive if name in HUGE else ()) for name in DISTINCT],
)
def name(request: pytest.FixtureRequest) -> str:
    """Module scope runs the tests of one network in a row, so that `settled` is computed once."""
    assert isinstance(request.param, str)
    return request.param


class TestNetwork:
    def test_alpha_and_trimap_at_the_size_of_the_image(self, name: str) -> None:
        network = settled(name)
        with torch.no_grad():
            matte = network(random_input(network, 2, 64, 128))
        assert matte.alpha.shape == (2, 1, 64, 128)
        scale = 4 if name in ("mobile", "mobile-trimap", "mobile-video", "mobile-steady") else 1
        assert matte.trimap.shape == (2, 3, 64 // scale, 128 // scale)
        assert matte.alpha.min() >= 0
        assert matte.alpha.max() <= 1

    def test_every_trained_parameter_gets_a_gradient(self, name: str) -> None:
        network = build(name).train()
        matte = network(random_input(network, 2, 64, 64))
        (matte.alpha.square().mean() + matte.trimap.square().mean()).backward()
        without = [key for key, p in network.named_parameters() if p.grad is None]
        assert without == []

    def test_a_batch_is_the_pictures_one_by_one(self, name: str) -> None:
        network = settled(name)
        images = random_input(network, 3, 64, 64)
        with torch.no_grad():
            together = network(images).alpha
            single = torch.cat([network(image[None]).alpha for image in images])
        assert (together - single).abs().mean() < 1e-5

    def test_lowering_changes_nothing(self, name: str) -> None:
        network = settled(name)
        image = random_input(network, 2, 96, 64)
        with torch.no_grad():
            assert torch.equal(lower(network)(image).alpha, network(image).alpha)

    def test_folding_changes_nothing_but_the_rounding(self, name: str) -> None:
        network = settled(name)
        image = random_input(network, 1, 64, 64)
        with torch.no_grad():
            difference = (AlphaOnly(fold_norms(network))(image) - network(image).alpha).abs()
        assert difference.mean() < 1e-4


def test_an_unknown_name_is_answered_with_the_valid_ones() -> None:
    with pytest.raises(
        ValueError, match=r"'b6'.*mobile, mobile-trimap, mobile-video, mobile-steady, b3, b4, b5, b5-fm"
    ):
        build("b6")


def test_a_trimap_joins_the_image_only_in_networks_that_take_one() -> None:
    image, trimap = random_image(2, 64, 96), torch.ones(2, 1, 64, 96)
    takes, ignores = build("a1"), build("a2")
    assert torch.equal(takes.given(image, trimap), torch.cat([image, trimap], 1))
    assert torch.equal(takes.given(image), torch.cat([image, 0 * trimap], 1))
    assert torch.equal(ignores.given(image, trimap), image)


def test_the_previous_matte_joins_the_image_only_in_networks_for_video() -> None:
    image, previous = random_image(2, 64, 96), torch.rand(2, 1, 64, 96)
    video, photos = build("mobile-video"), build("mobile")
    assert torch.equal(video.given(image, previous=previous), torch.cat([image, previous], 1))
    assert torch.equal(video.given(image), torch.cat([image, 0 * previous], 1))
    assert torch.equal(photos.given(image, previous=previous), image)


def test_the_network_for_video_starts_as_the_one_for_photos() -> None:
    photos, video = settled("mobile"), build("mobile-video").eval()
    transfer(video, photos, photos.state_dict())
    image, previous = random_image(1, 64, 96), torch.rand(1, 1, 64, 96)
    with torch.no_grad():
        torch.testing.assert_close(
            video(video.given(image, previous=previous)).alpha, photos(image).alpha, rtol=0, atol=1e-4
        )


def test_the_steady_network_starts_as_a_mixture_of_the_two_mattes() -> None:
    photos, steady = settled("mobile"), build("mobile-steady").eval()
    transfer(steady, photos, photos.state_dict())
    image, previous = random_image(1, 64, 96), torch.rand(1, 1, 64, 96)
    previous[0, 0, 0, 0] = 1
    with torch.no_grad():
        own, alone = photos(image).alpha, steady(steady.given(image)).alpha
        found = steady(steady.given(image, previous=previous)).alpha
    torch.testing.assert_close(alone, own, rtol=0, atol=1e-4)
    inside = (own > 0) & (own < 1)  # elsewhere the mixture is that of a matte before it was clamped
    assert inside.float().mean() > 0.3
    torch.testing.assert_close(found[inside], (own / 2 + previous / 2)[inside], rtol=0, atol=1e-4)


def test_the_view_is_of_the_size_that_the_network_asks_for() -> None:
    assert build("mobile").view_size == InputSize(640, 32, 1024)
    assert build("a1").view_size == InputSize(512, 32, 1024)


def test_a_network_that_is_given_a_trimap_gives_it_back() -> None:
    network = settled("a1")
    x = random_input(network, 1, 64, 64)
    matte = network(x)
    assert torch.equal(matte.trimap.argmax(1), x[:, 3].long() + 1)
    assert torch.allclose(trimap_prior(matte.trimap) * 2 - 1, x[:, 3:], atol=1e-3)


def test_without_a_trimap_everything_is_unknown() -> None:
    with_trimap, without = settled("a1"), build("a2").eval()
    without.load_state_dict(with_trimap.state_dict())
    image = random_image(1, 64, 64)
    with torch.no_grad():
        expected = with_trimap(with_trimap.given(image)).alpha
        assert torch.equal(without(image).alpha, expected)


def test_the_cascade_is_its_two_networks_one_after_the_other() -> None:
    torch.manual_seed(0)
    cascade, deeplab, indexnet = build("b").eval(), settled("deeplab"), settled("a1")
    assert isinstance(cascade, Cascade)
    assert isinstance(indexnet, GivenTrimap)
    cascade.segmentation.load_state_dict(deeplab.state_dict())
    cascade.matting.load_state_dict(indexnet.matting.state_dict())
    image = random_image(1, 64, 64)
    with torch.no_grad():
        prior = deeplab(image).alpha
        expected = indexnet(indexnet.given(image, 2 * prior - 1)).alpha
        assert torch.equal(cascade(image).alpha, expected)


def test_a_network_may_have_another_operator() -> None:
    plain, network = build("b5"), build("b5+indexnet-m2o")
    assert {type(operator) for operator in network.encoder.operators} == {IndexNet}
    assert {key for key in network.state_dict() if "operators" not in key} == set(plain.state_dict())
    assert count(build("b11+indexnet-m2o")) == count(build("indexnet"))


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("mobile+indexnet-m2o", "mobile takes no operator; those that do are b3, b4, b5"),
        ("b5+fold", "no operator named 'fold'"),
        ("b6+indexnet-m2o", r"no network named 'b6\+indexnet-m2o'"),
    ],
)
def test_what_cannot_be_put_together_is_refused(name: str, answer: str) -> None:
    with pytest.raises(ValueError, match=answer):
        build(name)


def test_rmat_starts_by_xavier_outside_its_encoder() -> None:
    """Uniform up to sqrt(6 / (inputs + outputs)), both times the kernel's size (thesis sec. 5.5.1)."""
    torch.manual_seed(0)
    network = build("rmat-m3").matting
    assert isinstance(network, RMat)
    layers = {key: m for key, m in network.named_modules() if isinstance(m, nn.Conv2d | nn.Linear)}
    for key, layer in layers.items():
        weight = layer.weight
        kernel = weight[0, 0].numel() if weight.ndim == 4 else 1
        bound = (6 / (kernel * (weight.shape[0] + weight.shape[1]))) ** 0.5
        largest = weight.abs().max().item()
        if not key.startswith("encoder."):
            assert 0.9 * bound < largest <= bound, key
    assert any(key.startswith("lfa.") for key in layers)
