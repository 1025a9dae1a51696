"""Every network: its counts, its outputs, its gradients, and the same matte when it is lowered."""

import pytest
import torch
from pspm_export.lowering import AlphaOnly, fold_norms, lower

from pspm.counting import GIGA, count
from pspm.networks import NETWORKS, Network, build

# design counts of thesis table 6.4, as exact integers: parameters, multiply-adds at 224, printed GFLOPs
COUNTS = {
    "mobile": (1_455_239, 356_956_864, 0.332),
    "b3": (6_743_827, 7_268_251_136, 6.769),
    "b4": (6_960_851, 7_311_653_376, 6.810),
    "b5": (5_901_379, 7_016_166_912, 6.534),
    "b5-fm": (5_957_032, 7_016_220_984, 6.534),
}


def random_image(n: int, height: int, width: int) -> torch.Tensor:
    return torch.rand(n, 3, height, width, generator=torch.Generator().manual_seed(height)) * 2 - 1


def settled(name: str) -> Network:
    """A network with random weights whose normalisations have seen a batch, so that no feature vanishes."""
    torch.manual_seed(0)
    network = build(name).train()
    with torch.no_grad():
        for _ in range(3):
            network(random_image(2, 96, 96))
    return network.eval()


@pytest.mark.parametrize("name", NETWORKS)
class TestNetwork:
    def test_counts(self, name: str) -> None:
        parameters, macs, gflops = COUNTS[name]
        counted = count(build(name))
        assert (counted.parameters, counted.macs) == (parameters, macs)
        assert counted.gflops == pytest.approx(macs / GIGA)
        assert round(counted.gflops, 3) == gflops

    def test_alpha_and_trimap_at_the_size_of_the_image(self, name: str) -> None:
        matte = settled(name)(random_image(2, 64, 128))
        assert matte.alpha.shape == (2, 1, 64, 128)
        scale = 4 if name == "mobile" else 1
        assert matte.trimap.shape == (2, 3, 64 // scale, 128 // scale)
        assert matte.alpha.min() >= 0
        assert matte.alpha.max() <= 1

    def test_every_trained_parameter_gets_a_gradient(self, name: str) -> None:
        network = build(name).train()
        matte = network(random_image(2, 64, 64))
        (matte.alpha.square().mean() + matte.trimap.square().mean()).backward()
        without = [key for key, p in network.named_parameters() if p.grad is None]
        assert without == []

    def test_a_batch_is_the_pictures_one_by_one(self, name: str) -> None:
        network, images = settled(name), random_image(3, 64, 64)
        with torch.no_grad():
            together = network(images).alpha
            single = torch.cat([network(image[None]).alpha for image in images])
        assert (together - single).abs().mean() < 1e-5

    def test_lowering_changes_nothing(self, name: str) -> None:
        network, image = settled(name), random_image(2, 96, 64)
        with torch.no_grad():
            assert torch.equal(lower(network)(image).alpha, network(image).alpha)

    def test_folding_changes_nothing_but_the_rounding(self, name: str) -> None:
        network, image = settled(name), random_image(1, 64, 64)
        with torch.no_grad():
            difference = (AlphaOnly(fold_norms(network))(image) - network(image).alpha).abs()
        assert difference.mean() < 1e-4


def test_an_unknown_name_is_answered_with_the_valid_ones() -> None:
    with pytest.raises(ValueError, match=r"'b6'.*mobile, b3, b4, b5, b5-fm"):
        build("b6")


def test_counting_leaves_the_network_as_it_was() -> None:
    network = build("b5").train()
    count(network)
    assert network.training
    assert not any(m._forward_hooks for m in network.modules())
