"""The losses of thesis sec. 6.5.3: zero at the ground truth, and correctly weighted."""

import pytest
import torch
from torch import Tensor

from pspm.losses.laplacian import laplacian_loss
from pspm.losses.matting import (
    Target,
    Weights,
    affinity_loss,
    alpha_loss,
    gradient_loss,
    matting_loss,
)
from pspm.losses.unknown_region import training_trimap, training_unknown_region


def edge(soft: bool = True) -> Tensor:
    """A vertical edge, (1, 1, 32, 32): background on the left, foreground on the right."""
    row = torch.zeros(32)
    row[16:] = 1
    if soft:
        row[15] = 0.5
    return row.expand(1, 1, 32, 32).clone()


def test_the_unknown_region_is_the_soft_one_dilated() -> None:
    unknown = training_unknown_region(edge(), 3)
    assert unknown[0, 0, 0].nonzero().flatten().tolist() == list(range(12, 19))
    assert training_unknown_region(edge(soft=False), 3).sum() == 0


def test_the_trimap_names_background_unknown_foreground() -> None:
    truth = edge()
    row = training_trimap(truth, training_unknown_region(truth, 3))[0, 0].tolist()
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
    # A hard step has a gradient in the two columns beside it.
    assert gradient_loss(edge(soft=False), truth, everywhere).item() == pytest.approx(2 / 32)


def test_affinity_loss_vanishes_where_the_image_is_the_matte() -> None:
    alpha = edge(soft=False)
    image = alpha.expand(1, 3, 32, 32)
    assert affinity_loss(alpha, image) < 1e-3
    assert affinity_loss(1 - alpha, image) < 1e-3
    assert affinity_loss(alpha, image.transpose(2, 3)) > 0.1


def target(truth: Tensor, trusted: Tensor | None = None) -> Target:
    image = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1
    return Target(image, truth, torch.ones_like(truth) if trusted is None else trusted, radius=3)


def test_the_terms_are_weighted_as_in_the_thesis() -> None:
    torch.manual_seed(0)
    guess, logits = torch.rand(1, 1, 32, 32, requires_grad=True), torch.rand(1, 3, 32, 32)
    once = matting_loss(guess, logits, target(edge()), Weights(1, 1, 1, 1))
    thesis = matting_loss(guess, logits, target(edge()), Weights())
    factors = {key: (thesis[key] / once[key]).item() for key in once}
    assert factors == pytest.approx({"l_aU": 1, "l_aI": 10, "l_g": 10, "l_A": 10})
    torch.stack(list(thesis.values())).sum().backward()
    assert guess.grad is not None
    assert guess.grad.isfinite().all()


ALL = Weights(*[1.0] * len(Weights._fields))


def test_every_term_vanishes_at_the_truth_but_those_that_ask_for_more() -> None:
    truth = edge(soft=False)
    sure = torch.where(training_trimap(truth, training_unknown_region(truth, 3)) == 2, 1.0, 0.0)
    logits = torch.stack([1 - sure, torch.zeros_like(sure), sure], 1) * 50
    terms = {key: value.item() for key, value in matting_loss(truth, logits, target(truth), ALL).items()}
    # The affinity compares with the image, and the penalised gradient prefers smooth mattes.
    assert terms.pop("l_A") > 0.1
    assert terms.pop("l_gp") == pytest.approx(0.01 * 2 / 32)
    assert terms == pytest.approx(dict.fromkeys(terms, 0), abs=1e-6)


def test_what_is_not_trusted_teaches_nothing() -> None:
    truth, trusted = edge(soft=False), torch.ones(1, 1, 32, 32)
    trusted[..., 8:24] = 0
    guess = torch.full((1, 1, 32, 32), 0.3, requires_grad=True)
    terms = matting_loss(guess, torch.zeros(1, 3, 32, 32), target(truth, trusted), Weights(1, 1, 0, 0))
    torch.stack(list(terms.values())).sum().backward()
    assert guess.grad is not None
    assert (guess.grad != 0)[0, 0, 0].tolist() == [True] * 8 + [False] * 16 + [True] * 8


def test_a_batch_split_in_two_has_the_mean_of_the_losses() -> None:
    torch.manual_seed(0)
    truth = torch.cat([edge(), torch.zeros(1, 1, 32, 32), edge(soft=False), edge().transpose(2, 3)])
    guess, logits = torch.rand(4, 1, 32, 32), torch.rand(4, 3, 8, 8)
    whole = Target(torch.rand(4, 3, 32, 32), truth, torch.ones_like(truth), 3)
    split = Weights(1, 1, 1, 0, 1, 1, 1, 1)

    def total(part: slice) -> Tensor:
        piece = Target(whole.image[part], whole.alpha[part], whole.trusted[part], 3)
        return torch.stack(list(matting_loss(guess[part], logits[part], piece, split).values())).sum()

    assert total(slice(0, 4)).item() == pytest.approx((total(slice(0, 2)) + total(slice(2, 4))).item() / 2, rel=1e-5)


def test_a_wide_error_costs_more_in_the_pyramid_than_a_narrow_one_of_the_same_size() -> None:
    truth = torch.zeros(1, 1, 64, 64)
    wide, narrow = truth.clone(), truth.clone()
    wide[..., 16:48, 16:48] = 0.25
    narrow[..., ::2, ::2] = 0.25
    assert wide.mean() == narrow.mean()
    assert laplacian_loss(wide, truth) > laplacian_loss(narrow, truth) > 0


def test_empty_and_full_mattes_have_finite_gradients() -> None:
    for truth in (torch.zeros(1, 1, 32, 32), torch.ones(1, 1, 32, 32)):
        guess = truth.clone().requires_grad_()
        terms = matting_loss(guess, torch.zeros(1, 3, 32, 32), target(truth), ALL)
        torch.stack(list(terms.values())).sum().backward()
        assert guess.grad is not None
        assert guess.grad.isfinite().all()


def test_each_picture_may_have_an_unknown_region_of_its_own_width() -> None:
    alpha = torch.zeros(3, 1, 32, 32)
    alpha[:, :, 16, 16] = 0.5
    unknown = training_unknown_region(alpha, torch.tensor([0, 1, 5]))
    assert unknown.sum((1, 2, 3)).tolist() == [1, 9, 121]
