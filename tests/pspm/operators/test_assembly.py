"""Assembly by shifted multiply-adds, and the operators that use it, against the sums in their papers."""

import itertools

import pytest
import torch
import torch.nn.functional as F
from pspm_export.writers.lowering import lower
from torch import Tensor

from pspm.operators import A2U, SAPA, Blind, operators
from pspm.operators.a2u import convolve_by
from pspm.operators.assembly import assemble, downsample_by, neighbours, upsample_by
from pspm.operators.blind import deconvolution, interpolation
from pspm.operators.sapa import layer_norm, normalised
from tests.pspm.operators.test_operators import parameters_of

A2U_LEVELS = (256, 128, 64, 64)
# Table 4.2: parameters that each operator adds to A2U matting.
A2U_PARAMETERS = {
    "nearest": 0,
    "bilinear": 0,
    "carafe": 263_824,
    "indexnet-m2o": 12_263_424,
    "a2u-static-pw-cw": 102_436,
    "a2u-static-cw": 25_744,
    "a2u-hybrid-cw": 44_032,
    "a2u-hybrid-cs": 18_632,
    "a2u-dynamic-cw": 198_656,
    "a2u-dynamic-cs": 19_456,
    "a2u-dynamic-cs-d": 37_888,
    "a2u-dynamic-cs-d-norm": 37_888,
}


@pytest.mark.parametrize("name", A2U_PARAMETERS)
def test_operators_add_the_parameters_of_table_4_2(name: str) -> None:
    assert parameters_of(name, A2U_LEVELS) == A2U_PARAMETERS[name]


def test_sapa_adds_less_than_its_table_5_prints() -> None:
    """+0.04 M for both; 2 C d is 0.03 M, and the gates add 512 parameters."""
    assert parameters_of("sapa-b", A2U_LEVELS) == 2 * sum(A2U_LEVELS) * 32 == 32_768
    assert parameters_of("sapa-g", A2U_LEVELS) == 32_768 + sum(A2U_LEVELS)


@pytest.mark.parametrize(("c", "k", "s"), [(24, 5, 3), (10, 3, 5), (16, 4, 1)])
def test_a2u_has_the_parameters_of_table_4_8(c: int, k: int, s: int) -> None:
    table = {
        ("static", False): 4 * s * s + 2 * k * k * c,
        ("static", True): 4 * s * s + 2 * k * k,
        ("hybrid", False): 4 * s * s * c + 2 * k * k * c,
        ("hybrid", True): 4 * s * s * c + 2 * k * k,
        ("dynamic", False): 4 * s * s * c + 2 * c * c,
        ("dynamic", True): 4 * s * s * c + 2 * c,
    }
    for (kind, shared), expected in table.items():
        operator = A2U(c, kind, shared=shared, kernel=s, encoding=k)
        assert sum(p.numel() for p in operator.parameters()) == expected, kind


def window(x: Tensor, n: int, i: int, j: int, size: int) -> Tensor:
    """(C, size * size): the neighbourhood of (i, j), zero outside."""
    r = size // 2
    padded = F.pad(x[n], (r, r, r, r))
    return padded[:, i : i + size, j : j + size].flatten(1)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_every_upsampled_point_is_its_kernel_over_its_neighbourhood(size: int) -> None:
    x, kernel = torch.randn(2, 3, 4, 5), torch.randn(2, size * size, 8, 10)
    found = upsample_by(x, kernel, size)
    for n, i, j in itertools.product(range(2), range(8), range(10)):
        expected = window(x, n, i // 2, j // 2, size) @ kernel[n, :, i, j]
        assert torch.allclose(found[n, :, i, j], expected, atol=1e-5)


@pytest.mark.parametrize("size", [1, 3])
def test_every_downsampled_point_is_its_kernel_over_its_window(size: int) -> None:
    x, kernel = torch.randn(2, 3, 6, 8), torch.randn(2, size * size, 6, 8)
    found = downsample_by(x, kernel, size)
    r = size // 2
    padded = F.pad(x, (2 * r,) * 4)
    # Channel p of a cell's pixel (a, b) weights pixel (a, b) of neighbour p.
    for i, j in itertools.product(range(3), range(4)):
        weights = kernel[:, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].unflatten(1, (size, size))
        whole = weights.permute(0, 1, 3, 2, 4).reshape(2, 1, 2 * size, 2 * size)
        seen = padded[:, :, 2 * i : 2 * (i + size), 2 * j : 2 * (j + size)]
        assert torch.allclose(found[:, :, i, j], (whole * seen).sum((2, 3)), atol=1e-5)


def test_neighbours_are_in_reading_order_and_zero_outside() -> None:
    x = torch.arange(1.0, 17).reshape(1, 1, 4, 4)
    shifted = list(neighbours(x, 3))
    assert torch.equal(shifted[4], x)
    assert torch.equal(shifted[5][..., :2], x[..., 2:])
    assert shifted[5][..., 2:].abs().sum() == 0
    assert torch.equal(shifted[1][..., 2:, :], x[..., :2, :])


@pytest.mark.parametrize("kernel", [1, 3, 4, 5])
@pytest.mark.parametrize("shared", [True, False])
def test_convolution_by_weights_of_each_pictures_own(kernel: int, shared: bool) -> None:
    x, weight = torch.randn(2, 3, 6, 8), torch.randn(2, 1 if shared else 3, kernel, kernel)
    found = convolve_by(x, weight, kernel)
    for n in range(2):
        own = weight[n].expand(3, kernel, kernel)[:, None]
        expected = F.conv2d(x[n : n + 1], own, stride=2, padding=(kernel - 1) // 2, groups=3)
        assert torch.allclose(found[n : n + 1], expected, atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("rank", [1, 3])
def test_a2u_is_the_bilinear_model_of_eq_4_4(rank: int) -> None:
    operator = A2U(4, "static", shared=False, rank=rank, normalisation="softmax")
    x = torch.randn(1, 4, 8, 8)
    kernel = operator.guide(x)
    p = operator.up.weight[:, :, 0, 0]
    padded = F.pad(x, (2, 2, 2, 2))
    for i, j in itertools.product(range(4), range(4)):
        seen = padded[0, :, 2 * i : 2 * i + 5, 2 * j : 2 * j + 5]
        affinity = torch.stack(
            [
                sum((u.weight[k, 0] * seen[k]).sum() * (v.weight[k, 0] * seen[k]).sum() for k in range(4))
                for u, v in zip(operator.u.sets, operator.v.sets, strict=True)
            ]
        )
        weights = (p @ affinity).unflatten(0, (9, 2, 2)).softmax(0)
        assert torch.allclose(kernel[0, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2], weights, atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("name", ["a2u-static-cw", "a2u-dynamic-cs-d", "a2u-hybrid-cs", "sapa-b", "sapa-i", "carafe"])
def test_kernels_that_sum_to_one_keep_a_constant_away_from_the_border(name: str) -> None:
    torch.manual_seed(0)
    operator, x = operators(name)(6).eval(), torch.rand(1, 6, 24, 24)
    guidance = operator.guide(x)
    up = operator.upsample(torch.full((1, 6, 12, 12), 3.0), guidance)
    assert torch.allclose(up[..., 4:-4, 4:-4], torch.full((1, 6, 16, 16), 3.0), atol=1e-5)
    assert up.shape == x.shape


@torch.no_grad()
def test_paired_kernels_pool_a_constant_to_itself() -> None:
    pooled = operators("a2u-dynamic-cs-d")(6).pool(torch.full((1, 6, 16, 16), 3.0))
    assert torch.allclose(pooled.x[..., 1:-1, 1:-1], torch.full((1, 6, 6, 6), 3.0), atol=1e-5)


@torch.no_grad()
def test_a_kernel_of_one_weight_is_the_nearest_neighbour_whatever_was_learned() -> None:
    """So k_up = 1 in Table 4.3 cannot beat nearest, and Table 4.1 cannot have used a softmax."""
    x, deep = torch.rand(1, 6, 8, 8), torch.rand(1, 6, 4, 4)
    for name in ("a2u-hybrid-cw-k1", "a2u-dynamic-cs-k1", "carafe-k1"):
        operator = operators(name)(6)
        assert torch.equal(operator.upsample(deep, operator.guide(x)), F.interpolate(deep, scale_factor=2))


def test_position_wise_encodings_are_static() -> None:
    with pytest.raises(ValueError, match="static"):
        A2U(4, "dynamic", shared=True, positionwise=True)


SIMILARITY = {"inner": 0, "bilinear": 2, "addition": 2, "gated": 2}


@torch.no_grad()
@pytest.mark.parametrize("similarity", SIMILARITY)
def test_sapa_is_the_similarity_of_its_paper(similarity: str) -> None:
    torch.manual_seed(0)
    operator = SAPA(6, similarity, embedding=4, kernel=3)  # type: ignore[arg-type]
    y, x = torch.randn(1, 6, 8, 6), torch.randn(1, 6, 4, 3)
    kernel = operator.kernels(x, operator.guide(y))
    ln_y, ln_x = (F.layer_norm(t.movedim(1, 3), (6,)).movedim(3, 1) for t in (y, x))
    p_y, p_x = (
        torch.eye(6) if similarity == "inner" else embed.weight[:, :, 0, 0]
        for embed in (operator.embed_encoder, operator.embed_decoder)
    )
    for i, j in itertools.product(range(8), range(6)):
        point, own = p_y @ ln_y[0, :, i, j], p_x @ ln_x[0, :, i // 2, j // 2]
        if similarity == "addition":
            point = point + own
        elif similarity == "gated":
            g = (operator.gate.weight[0, :, 0, 0] @ x[0, :, i // 2, j // 2]).sigmoid()
            point = g * point + (1 - g) * own
        scores = point @ (p_x @ window(ln_x, 0, i // 2, j // 2, 3))
        assert torch.allclose(kernel[0, :, i, j], scores.softmax(0), atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("how", ["exp", "relu", "sigmoid", "softplus"])
def test_normalised_similarities_sum_to_one(how: str) -> None:
    kernel = normalised(torch.randn(2, 25, 3, 3), how)  # type: ignore[arg-type]
    assert torch.allclose(kernel.sum(1), torch.ones(2, 3, 3), atol=1e-3)
    assert kernel.min() >= 0


def test_layer_normalisation_is_torchs() -> None:
    x = torch.randn(2, 7, 3, 4) * 5 + 2
    assert torch.allclose(layer_norm(x), F.layer_norm(x.movedim(1, 3), (7,)).movedim(3, 1), atol=1e-5)


@torch.no_grad()
def test_a_deconvolution_lowers_to_a_convolution_that_unfolds() -> None:
    operator = Blind(torch.nn.MaxPool2d(2), deconvolution(3))
    x = torch.randn(2, 3, 5, 7)
    lowered = lower(torch.nn.Sequential(operator))[0]
    assert torch.allclose(lowered.upsample(x, None), operator.upsample(x, None), atol=1e-6)
    assert not any(isinstance(m, torch.nn.ConvTranspose2d) for m in lowered.modules())


def test_blind_upsampling_has_no_guidance() -> None:
    operator = Blind(torch.nn.AvgPool2d(2), interpolation("nearest"))
    x = torch.rand(1, 2, 6, 6)
    assert operator.guide(x) is None
    pooled = operator.pool(x)
    assert torch.equal(operator.upsample(pooled.x, pooled.guidance), F.interpolate(F.avg_pool2d(x, 2), scale_factor=2))


def test_assembly_by_ones_counts_the_neighbours_inside() -> None:
    count = assemble(torch.ones(1, 1, 6, 6), torch.ones(1, 9, 6, 6), 3)
    assert torch.equal(count[0, 0, ::2, ::2], torch.tensor([[4.0, 6, 4], [6, 9, 6], [4, 6, 4]]))
