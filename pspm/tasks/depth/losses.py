"""The losses of the depth networks."""

import torch
from torch import Tensor

# BTS's: the share of the mean error that is forgiven, and the factor.
FORGIVEN, FACTOR = 0.85, 10.0
# Hu et al.'s alpha.
OFFSET = 0.5


def depth_loss(name: str, found: Tensor, truth: Tensor) -> Tensor:
    """A loss by name; pixels without a true depth (0) do not count. found, truth: (N, 1, H, W) in metres."""
    known = truth > 0
    if name == "silog":
        return scale_invariant(found[known], truth[known])
    if name == "hu":
        return hu(found, truth, known)
    return (found - truth)[known].abs().mean()


def scale_invariant(found: Tensor, truth: Tensor) -> Tensor:
    """The scale-invariant loss of logarithms (BTS, Lee et al., 2019, eq. 3)."""
    error = found.clamp(min=1e-3).log() - truth.log()
    variance = error.square().mean() - FORGIVEN * error.mean().square()
    return FACTOR * variance.clamp(min=1e-12).sqrt()


def hu(found: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """The sum of the losses of depth, gradients and normals (Hu et al., 2019, eq. 2 to 6), each with weight 1.

    Slopes are central differences; the authors take Sobel filters.
    """
    depth = ((found - truth).abs() + OFFSET)[known].log().mean()
    inner = known[..., 1:-1, 1:-1]
    found_x, found_y = (slope[inner] for slope in slopes(found))
    truth_x, truth_y = (slope[inner] for slope in slopes(truth))
    gradient = ((found_x - truth_x).abs() + OFFSET).log() + ((found_y - truth_y).abs() + OFFSET).log()
    ones = torch.ones_like(found_x)
    normals = torch.stack([-found_x, -found_y, ones]), torch.stack([-truth_x, -truth_y, ones])
    cosine = torch.nn.functional.cosine_similarity(*normals, dim=0)
    return depth + gradient.mean() + (1 - cosine).mean()


def slopes(depth: Tensor) -> tuple[Tensor, Tensor]:
    """The derivatives to the right and down of the inner pixels, by central differences (N, 1, H - 2, W - 2)."""
    right = (depth[..., 1:-1, 2:] - depth[..., 1:-1, :-2]) / 2
    down = (depth[..., 2:, 1:-1] - depth[..., :-2, 1:-1]) / 2
    return right, down
