"""The Lightning module for networks with the previous frame's matte: each step learns from clips of a few frames."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pspm.data.samples.batch import Batch
from pspm.losses.matting import Target, matting_loss
from pspm.losses.temporal import temporal_loss
from pspm.networks.input_range import from_unit
from pspm.training.module import MattingModule
from pspm.training.moved_matte import estimated, moved

# What the network has before the first frame of a clip. Share of the clips without a matte, as at a cut.
EMPTY = 0.4
# The others have the truth of their first frame, moved by at most this share of its side,
MOVED = 1 / 20
# softened by the mean over so many pixels, without or with people in a rectangle of this share of its sides.
SOFTENED = (1, 3, 7, 15)
DAMAGED, RECTANGLE = 0.5, (0.1, 0.5)


class ClipModule(MattingModule):
    """Trains a network on clips: the previous matte of a frame is what the network made of the frame before.

    No gradient goes through that matte, so a frame costs what a photo costs.
    """

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Compute the loss of a batch of clips, whose frames follow one another."""
        radius = self.radius(batch)
        frames = self.recipe.frames
        with torch.autocast(self.device.type, enabled=False):
            picture = self.picture(batch, radius)
            previous = starting_mattes(picture.alpha[::frames], batch.seed[::frames])
            if self.network.moves_previous:  # which would learn that it is true
                previous = torch.zeros_like(previous)
        losses: dict[str, list[Tensor]] = {}
        before: tuple[Tensor, Tensor, Tensor] | None = None
        for frame in range(frames):
            of_frame = slice(frame, None, frames)
            image, truth = from_unit(picture.image[of_frame]), picture.alpha[of_frame]
            trusted = picture.trusted[of_frame]
            if self.network.moves_previous and frame:
                way = estimated(batch.motion[of_frame].cpu(), batch.seed[of_frame], image.shape[3])
                previous = moved(previous, way.to(previous.device))
            matte = self.network(self.network.given(image, previous=previous))
            with torch.autocast(self.device.type, enabled=False):
                alpha, logits = matte.alpha.float(), matte.trimap.float()
                target = Target(image, truth, trusted, radius if isinstance(radius, int) else radius[of_frame])
                terms = matting_loss(
                    alpha, logits, target, self.recipe.weights, self.recipe.region, self.recipe.tolerance
                )
                if before is not None:
                    changes = alpha - before[0], truth - before[1], trusted * before[2]
                    terms["l_t"] = self.recipe.weights.temporal * temporal_loss(*changes)
            for name, term in terms.items():
                losses.setdefault(name, []).append(term)
            before, previous = (alpha, truth, trusted), alpha.detach().clamp(0, 1)
        means = {name: torch.stack(each).mean() for name, each in losses.items()}
        loss = torch.stack(list(means.values())).sum()
        self.log_dict({"loss": loss.detach(), **{name: mean.detach() for name, mean in means.items()}})
        return loss


def starting_mattes(truths: Tensor, seeds: Tensor) -> Tensor:
    """Make the mattes before the first frames of clips: empty, or like those of a network that errs.

    truths: of the first frames, (N, 1, H, W) in [0, 1]; seeds: (N,) int64. Returns the same shape.
    """
    return torch.cat([_starting_matte(truth[None], seed) for truth, seed in zip(truths, seeds.tolist(), strict=True)])


def _starting_matte(truth: Tensor, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)

    def uniform(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=generator))

    if uniform(0, 1) < EMPTY:
        return torch.zeros_like(truth)
    height, width = truth.shape[2:]
    shift = [round(uniform(-MOVED, MOVED) * uniform(0, 1) * side) for side in (height, width)]
    matte = truth.roll(shift, (2, 3))
    window = SOFTENED[int(uniform(0, len(SOFTENED)))]
    matte = F.avg_pool2d(matte, window, 1, window // 2, count_include_pad=False)
    if uniform(0, 1) < DAMAGED:
        sides = [max(1, round(uniform(*RECTANGLE) * side)) for side in (height, width)]
        top, left = (int(uniform(0, whole - side + 1)) for whole, side in zip((height, width), sides, strict=True))
        matte[:, :, top : top + sides[0], left : left + sides[1]] = float(uniform(0, 1) < 0.5)
    return matte
