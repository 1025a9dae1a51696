"""The losses of thesis sec. 6.5.3: zero at the truth, and what they weigh."""

import pytest
import torch
from torch import Tensor

from pspm.losses.matting import (
    Weights,
    affinity_loss,
    alpha_loss,
    gradient_loss,
    matting_loss,
    true_trimap,
    unknown_region,
)


def edge(soft: bool = True) -> Tensor:
    """A vertical edge, (1, 1, 32, 32): background on the left, foreground on the right."""
    row = torch.zeros(32)
    row[16:] = 1
    if soft:
        row[15] = 0.5
    return row.expand(1, 1, 32, 32).clone()


def test_the_unknown_region_is_the_soft_one_dilated() -> None:
    unknown = unknown_region(edge(), 3)
    assert unknown[0, 0, 0].nonzero().flatten().tolist() == list(range(12, 19))
    assert unknown_region(edge(soft=False), 3).sum() == 0


def test_the_trimap_names_background_unknown_foreground() -> None:
    truth = edge()
    row = true_trimap(truth, unknown_region(truth, 3))[0, 0].tolist()
    assert row == [0] * 12 + [1] * 7 + [2] * 13


def test_alpha_loss_is_a_mean_over_its_region() -> None:
    truth, region = edge(), torch.zeros(1, 1, 32, 32)
    region[..., :4] = 1
    guess = truth + 0.25 * region
    assert alpha_loss(guess, truth, region).item() == pytest.approx(0.25)
    assert alpha_loss(guess, truth).item() == pytest.approx(0.25 / 8)
    assert alpha_loss(guess, truth, torch.zeros_like(region)) == 0


def test_gradient_loss_weighs_the_unknown_region_twice_and_ignores_offsets() -> None:
    truth = torch.zeros(1, 1, 32, 32)
    inside, outside = torch.ones_like(truth), torch.zeros_like(truth)
    guess = edge()
    assert gradient_loss(guess, truth, inside) == pytest.approx(2 * gradient_loss(guess, truth, outside).item())
    assert gradient_loss(truth + 0.3, truth, inside) < 1e-6


def test_gradient_of_a_step_is_one() -> None:
    truth, everywhere = torch.zeros(1, 1, 32, 32), torch.ones(1, 1, 32, 32)
    # A hard step is felt by the two columns beside it.
    assert gradient_loss(edge(soft=False), truth, everywhere).item() == pytest.approx(2 / 32)


def test_affinity_loss_vanishes_where_the_image_is_the_matte() -> None:
    alpha = edge(soft=False)
    image = alpha.expand(1, 3, 32, 32)
    assert affinity_loss(alpha, image) < 1e-3
    assert affinity_loss(1 - alpha, image) < 1e-3
    assert affinity_loss(alpha, image.transpose(2, 3)) > 0.1


def test_the_terms_are_weighted_as_in_the_thesis() -> None:
    torch.manual_seed(0)
    truth, guess = edge(), torch.rand(1, 1, 32, 32, requires_grad=True)
    logits, image = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32)
    once = matting_loss(guess, logits, image, truth, Weights(1, 1, 1, 1, 1), radius=3)
    thesis = matting_loss(guess, logits, image, truth, Weights(), radius=3)
    factors = {key: (thesis[key] / once[key]).item() for key in once}
    assert factors == pytest.approx({"l_aU": 1, "l_aI": 10, "l_g": 10, "l_A": 10, "l_c": 0})
    torch.stack(list(thesis.values())).sum().backward()
    assert guess.grad is not None
    assert guess.grad.isfinite().all()


def test_empty_and_full_mattes_have_finite_gradients() -> None:
    for truth in (torch.zeros(1, 1, 32, 32), torch.ones(1, 1, 32, 32)):
        guess = truth.clone().requires_grad_()
        terms = matting_loss(guess, torch.zeros(1, 3, 32, 32), torch.zeros(1, 3, 32, 32), truth, Weights(), radius=3)
        torch.stack(list(terms.values())).sum().backward()
        assert guess.grad is not None
        assert guess.grad.isfinite().all()
