"""The losses of thesis sec. 6.5.3: zero at the ground truth, and correctly weighted."""

import pytest
import torch
from torch import Tensor

from pspm.losses.laplacian import laplacian_loss
from pspm.losses.matting import (
    Target,
    affinity_loss,
    alpha_loss,
    composition_loss,
    gradient_loss,
    matting_loss,
    penalised_gradient_loss,
    region_gradient_loss,
)
from pspm.losses.temporal import temporal_loss
from pspm.losses.unknown_region import predicted_unknown_region, training_trimap, training_unknown_region
from pspm.losses.weights import Region, Weights
from pspm.networks import build
from pspm.training.recipes import RECIPES


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
    layers = torch.rand(3, 1, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    image, foreground, background = layers[0] * 2 - 1, layers[1], layers[2]
    trusted = torch.ones_like(truth) if trusted is None else trusted
    return Target(image, truth, trusted, 3, foreground, background)


def test_the_terms_are_weighted_as_in_the_thesis() -> None:
    torch.manual_seed(0)
    guess, logits = torch.rand(1, 1, 32, 32, requires_grad=True), torch.rand(1, 3, 32, 32)
    once = matting_loss(guess, logits, target(edge()), Weights(unknown=1, image=1, affinity=1, region_gradient=1))
    thesis = matting_loss(guess, logits, target(edge()), RECIPES["phase2"].weights)
    factors = {key: (thesis[key] / once[key]).item() for key in once}
    assert factors == pytest.approx({"l_aU": 1, "l_aI": 10, "l_ga": 10, "l_A": 10})
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
    split = Weights(1, 1, 1, 0, 1, 1, 1, 0, 1, 1)

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


def test_every_alpha_between_0_and_1_is_soft_without_a_tolerance() -> None:
    alpha = torch.tensor([0, 1 / 255, 0.019, 0.021, 0.5, 0.979, 0.981, 254 / 255, 1]).view(1, 1, 1, 9)
    assert training_unknown_region(alpha, 0)[0, 0, 0].tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 0]
    assert training_unknown_region(alpha, 0, tolerance=0)[0, 0, 0].tolist() == [0, 1, 1, 1, 1, 1, 1, 1, 0]


def test_composition_loss_by_hand() -> None:
    """Two pixels: F - B is (0.5, -0.2, 0) and (1, 1, 1), alpha is off by 0.4 and by 0.1; only the region counts."""
    alpha, truth = torch.tensor([0.9, 0.3, 0.7]).view(1, 1, 1, 3), torch.tensor([0.5, 0.4, 0.0]).view(1, 1, 1, 3)
    foreground = torch.tensor([[0.7, 1, 0.3], [0.1, 1, 0.9], [0.4, 1, 0.6]]).view(1, 3, 1, 3)
    background = torch.tensor([[0.2, 0, 0.8], [0.3, 0, 0.1], [0.4, 0, 0.2]]).view(1, 3, 1, 3)
    region = torch.tensor([1.0, 1, 0]).view(1, 1, 1, 3)
    by_hand = (0.4 * (0.5 + 0.2 + 0) + 0.1 * 3) / 6
    for regions in (region, region.expand(1, 3, 1, 3)):
        assert composition_loss(alpha, truth, foreground, background, regions).item() == pytest.approx(by_hand)
    image = truth * foreground + (1 - truth) * background
    written = (alpha * foreground + (1 - alpha) * background - image).abs()[..., :2].mean()
    assert written.item() == pytest.approx(by_hand)
    assert composition_loss(alpha, truth, foreground, foreground, region) == 0


def test_composition_counts_dark_foreground_on_white_in_full() -> None:
    black, white = torch.zeros(1, 3, 8, 8), torch.ones(1, 3, 8, 8)
    alpha, truth, region = torch.rand(1, 1, 8, 8), torch.rand(1, 1, 8, 8), torch.ones(1, 1, 8, 8)
    expected = (alpha - truth).abs().mean().item()
    assert composition_loss(alpha, truth, black, white, region).item() == pytest.approx(expected)


def test_the_composition_term_needs_the_layers() -> None:
    bare = target(edge())._replace(foreground=None)
    with pytest.raises(ValueError, match="needs the foreground and background"):
        matting_loss(edge(), torch.zeros(1, 3, 8, 8), bare, Weights(composition=1))


def test_the_thesis_gradient_loss_by_hand() -> None:
    """A step of height h at column 4 of 32: Sobel gives 4 h in the two columns beside it, along x only."""
    truth, height = torch.zeros(1, 1, 32, 32), 0.25
    guess = truth.clone()
    guess[..., 4:] = height
    unknown = torch.zeros_like(truth)
    unknown[..., :8] = 1
    # g_u is the mean over 8 columns of which 2 have 4 h; g_o is 0.
    assert region_gradient_loss(guess, truth, unknown).item() == pytest.approx(2 * 4 * height / 8)
    # The step in the other region, whose mean counts half.
    assert region_gradient_loss(guess, truth, 1 - unknown).item() == pytest.approx(0.5 * 2 * 4 * height / 8)
    assert region_gradient_loss(truth + 0.3, truth, unknown) < 1e-6
    # Ours is one mean over the picture, of a Sobel that gives a step the gradient 1.
    assert gradient_loss(guess, truth, unknown).item() == pytest.approx(2 * height / 32)


def test_the_plain_gradient_has_no_penalty() -> None:
    truth, flat = edge(soft=False), torch.full((1, 1, 32, 32), 0.5)
    assert penalised_gradient_loss(truth, truth, penalty=0) == 0
    assert penalised_gradient_loss(truth, truth).item() == pytest.approx(0.01 * 2 / 32)
    assert penalised_gradient_loss(flat, truth, penalty=0).item() == pytest.approx(2 / 32)


def test_the_predicted_unknown_region_is_the_probability_of_unknown() -> None:
    logits = torch.tensor([1.0, 2.0, -1.0]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    region = predicted_unknown_region(logits, 32, 32)
    assert region.shape == (1, 1, 32, 32)
    e = torch.tensor([1.0, 2.0, -1.0]).exp()
    assert region.flatten()[0].item() == pytest.approx((e[1] / e.sum()).item())


def test_the_segdecoder_says_where_the_loss_looks() -> None:
    """l_aU and l_ga are those of the region that is likely unknown, and l_c remains that of the true trimap."""
    truth, guess = torch.zeros(1, 1, 32, 32), torch.zeros(1, 1, 32, 32)
    guess[..., :16] = 0.5
    weights = Weights(unknown=1, region_gradient=1, segmentation=1)

    def terms(unknown: slice) -> dict[str, float]:
        logits = torch.zeros(1, 3, 32, 32)
        logits[:, 0] = 30
        logits[:, 1, :, unknown] = 60
        found = matting_loss(guess, logits, target(truth), weights, "predicted", 0)
        return {key: value.item() for key, value in found.items()}

    left, right = terms(slice(0, 8)), terms(slice(24, 32))
    assert left["l_aU"] == pytest.approx(0.5)
    assert right["l_aU"] == pytest.approx(0, abs=1e-6)
    # The step at column 16 is outside both regions: two columns of the 24 others, halved.
    assert left["l_ga"] == pytest.approx(0.5 * 2 * 4 * 0.5 / 24)
    assert right["l_ga"] == pytest.approx(0.5 * 2 * 4 * 0.5 / 24)
    assert left["l_c"] == pytest.approx(30 * 8 / 32)


@pytest.mark.parametrize("name", ["b3", "b4", "b5", "psp-b5"])
def test_phase_2_sends_gradients_to_all_three_parts(name: str) -> None:
    """Also to B3's SegDecoder, whose only path to the loss is the unknown region (thesis sec. 6.3.2, 6.4.1)."""
    torch.manual_seed(0)
    network, recipe = build(name).train(), RECIPES["phase2"]
    image, truth = torch.rand(2, 3, 64, 64) * 2 - 1, torch.rand(2, 1, 64, 64)
    goal = Target(image, truth, torch.ones_like(truth), 3)

    def reached(region: Region) -> set[str]:
        network.zero_grad()
        matte = network(image)
        matting_loss(matte.alpha, matte.trimap, goal, recipe.weights, region)["l_aU"].backward()
        sizes = [(key, p.grad.abs().sum()) for key, p in network.named_parameters() if p.grad is not None]
        return {key.split(".")[0] for key, size in sizes if size > 0}

    assert reached(recipe.region) == {"encoder", "seg_decoder", "mat_decoder"}
    # With the true region, B3 is two unrelated decoders.
    assert ("seg_decoder" in reached("true")) == (name != "b3")


def test_the_loss_of_b3_changes_with_the_segdecoder() -> None:
    torch.manual_seed(0)
    network, recipe = build("b3").eval(), RECIPES["phase1"]
    image, truth = torch.rand(1, 3, 64, 64) * 2 - 1, torch.rand(1, 1, 64, 64)
    goal = Target(image, truth, torch.ones_like(truth), 3)
    losses = {"predicted": [], "true": []}  # type: dict[Region, list[float]]
    with torch.no_grad():
        for scale in (1, 1e5):
            network.seg_decoder.head[-1].weight.mul_(scale)  # type: ignore[index, operator, union-attr]
            matte = network(image)
            for region, found in losses.items():
                terms = matting_loss(matte.alpha, matte.trimap, goal, recipe.weights, region, recipe.tolerance)
                found.append(terms["l_aU"].item())
    assert recipe.region == "predicted"
    assert abs(losses["predicted"][0] - losses["predicted"][1]) > 1e-4
    assert losses["true"][0] == losses["true"][1]


def test_the_temporal_loss_is_dtssd() -> None:
    before, after = torch.rand(2, 1, 8, 8), torch.rand(2, 1, 8, 8)
    true_change, trusted = torch.rand(2, 1, 8, 8), torch.ones(2, 1, 8, 8)
    expected = (after - before - true_change).square().mean((1, 2, 3)).sqrt().mean()
    assert temporal_loss(after - before, true_change, trusted) == pytest.approx(float(expected), abs=2e-3)
    assert temporal_loss(true_change, true_change, trusted) == 0


def test_the_temporal_loss_sees_trusted_pixels_only_and_has_a_finite_gradient() -> None:
    change = torch.zeros(1, 1, 4, 4, requires_grad=True)
    trusted = torch.ones(1, 1, 4, 4)
    trusted[..., 2:] = 0
    temporal_loss(change, torch.cat([torch.zeros(1, 1, 4, 2), torch.ones(1, 1, 4, 2)], 3), trusted).backward()
    assert change.grad is not None
    assert torch.equal(change.grad, torch.zeros_like(change))
