"""The loss of clips: how the matte changes from frame to frame, against how the truth does."""

from torch import Tensor

# Keeps the root's gradient finite where nothing differs.
SMALLEST = 1e-6


def temporal_loss(change: Tensor, true_change: Tensor, trusted: Tensor) -> Tensor:
    """l_t: dtSSD of two neighbouring frames, the root mean square difference of two changes, the mean over the batch.

    change, true_change: of the matte and of the truth from one frame to the next, (N, 1, H, W). trusted: 1 where the
    truth of both frames is reliable, else 0, of the same shape. dtSSD: Erofeev et al., "Perceptually motivated
    benchmark for video matting" (2015).
    """
    squared = (change - true_change).square() * trusted
    return (squared.mean((1, 2, 3)) + SMALLEST).sqrt().mean() - SMALLEST**0.5
