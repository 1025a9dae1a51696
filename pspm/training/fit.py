"""Train a network on the portraits: `python -m pspm.training.fit --help`.

A killed run goes on from its last checkpoint when it is started again with the same arguments.
"""

import argparse
import copy
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Subset

from pspm.data.portraits import PortraitSamples
from pspm.losses.matting import Weights, matting_loss
from pspm.networks import build
from pspm.networks.pspm import ParameterSharing
from pspm.training.imagenet import freeze_norms, start_from_imagenet

NORM_MOMENTUM = 0.03
EMA_DECAY = 0.998
CHECKPOINT_STEPS = 100
CALIBRATION_IMAGES = 32


@dataclass(frozen=True)
class Phase:
    """A stretch of training. share: of all steps; radius: of the unknown region, in pixels."""

    share: float
    crop: int
    batch: int
    radius: int
    freeze_norms: bool


# The affinity loss pulls the matte towards the colours of the clothes; at the thesis's weight of 10 a short run has no
# time to overcome that. The segmentation term stands for the thesis's separate DeepLabV3+ pre-training.
SHORT_RUN = Weights(affinity=1, segmentation=1)


@dataclass(frozen=True)
class Recipe:
    """What one run does, apart from the data and the number of steps.

    The first stages of the encoder keep their ImageNet weights: they cost a third of a step on a CPU.
    The thesis's dropout (0.5) is meant for 140,000 iterations of 16; a short run underfits with it.
    """

    phases: tuple[Phase, ...] = (Phase(0.75, 256, 8, 6, False), Phase(0.25, 384, 4, 8, True))
    weights: Weights = SHORT_RUN
    decoder_lr: float = 1e-3
    encoder_lr: float = 2e-4
    weight_decay: float = 1e-4
    clip: float = 5.0
    warmup: int = 100
    poly: float = 0.9
    dropout: float = 0.1
    frozen_stages: int = 3

    def lr_factor(self, step: int, steps: int) -> float:
        """Linear warm-up, then the thesis's poly decay, (1 - iter / max_iter)^0.9."""
        return min(1, (step + 1) / self.warmup) * (1 - step / steps) ** self.poly


class MovingAverage:
    """An exponential moving average of a network's weights, which is what gets shipped."""

    def __init__(self, network: nn.Module) -> None:
        self.network = copy.deepcopy(network).eval()

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        decay = min(EMA_DECAY, (step + 1) / (step + 10))
        for mean, value in zip(self.network.parameters(), network.parameters(), strict=True):
            mean.lerp_(value, 1 - decay)
        for buffer, latest in zip(self.network.buffers(), network.buffers(), strict=True):
            buffer.copy_(latest)


def keep_float32(conv: nn.Conv2d) -> None:
    """Leave one convolution out of bf16 autocast."""
    forward = conv.forward

    def float32_forward(x: Tensor) -> Tensor:
        with torch.autocast("cpu", enabled=False):
            return forward(x.float())

    conv.forward = float32_forward  # type: ignore[method-assign, assignment]


class Run:
    """One training run: a network, its optimiser, its moving average and the folder that keeps them."""

    def __init__(self, name: str, data: Path, out: Path, steps: int, seed: int, recipe: Recipe) -> None:
        self.data, self.out, self.steps, self.seed, self.recipe = data, out, steps, seed, recipe
        torch.manual_seed(seed)
        self.network = build(name)
        assert isinstance(self.network, ParameterSharing)
        for layer in self.network.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = recipe.dropout
            if isinstance(layer, nn.BatchNorm2d):
                layer.momentum = NORM_MOMENTUM
        encoder = self.network.encoder
        samples = PortraitSamples(data, 256, CALIBRATION_IMAGES, seed)
        photos = torch.stack([samples[i][0] for i in range(CALIBRATION_IMAGES)])
        start_from_imagenet(encoder, data / "weights/mobilenetv2_imagenet_folded.npz", photos)
        encoder.stages[: recipe.frozen_stages].requires_grad_(False)
        in_encoder = {id(p) for p in encoder.parameters()}
        trained = [p for p in self.network.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": [p for p in trained if id(p) not in in_encoder], "lr": recipe.decoder_lr},
                {"params": [p for p in trained if id(p) in in_encoder], "lr": recipe.encoder_lr},
            ],
            weight_decay=recipe.weight_decay,
        )
        self.network.to(memory_format=torch.channels_last)
        self.average = MovingAverage(self.network)
        for layer in self.network.modules():
            # torch 2.13 on a CPU reads memory that nobody wrote for the bf16 weight gradient of a dilated depthwise
            # convolution: the gradient changes from call to call, and is sometimes infinite.
            if isinstance(layer, nn.Conv2d) and layer.groups > 1 and layer.dilation != (1, 1):
                keep_float32(layer)
        self.step = 0

    @property
    def checkpoint(self) -> Path:
        return self.out / "checkpoint.pt"

    def save(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        state = {
            "step": self.step,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.network.state_dict(),
        }
        unfinished = self.checkpoint.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(self.checkpoint)

    def resume(self) -> None:
        state = torch.load(self.checkpoint, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.network.load_state_dict(state["average"])
        self.step = state["step"]

    def phases(self) -> Iterator[tuple[Phase, int]]:
        """Each phase with the step at which it ends."""
        share = 0.0
        for phase in self.recipe.phases:
            share += phase.share
            yield phase, round(share * self.steps)

    def train(self) -> None:
        for phase, end in self.phases():
            if self.step >= end:
                continue
            samples = PortraitSamples(self.data, phase.crop, self.steps * phase.batch, self.seed)
            rest = Subset(samples, range(self.step * phase.batch, end * phase.batch))
            # One worker decodes and augments beside the training; more would only take its cores.
            batches = DataLoader(rest, phase.batch, num_workers=1, prefetch_factor=4)
            self.network.train()
            freeze_norms(self.network if phase.freeze_norms else self.network.encoder)
            for image, truth in batches:
                self.update(image, truth, phase)

    def update(self, image: Tensor, truth: Tensor, phase: Phase) -> None:
        """One optimiser step on one batch; a line of losses and a checkpoint every hundred."""
        factor = self.recipe.lr_factor(self.step, self.steps)
        for group, lr in zip(
            self.optimizer.param_groups, (self.recipe.decoder_lr, self.recipe.encoder_lr), strict=True
        ):
            group["lr"] = lr * factor
        with torch.autocast("cpu", torch.bfloat16):
            matte = self.network(image.contiguous(memory_format=torch.channels_last))
        terms = matting_loss(matte.alpha.float(), matte.trimap.float(), image, truth, self.recipe.weights, phase.radius)
        self.optimizer.zero_grad()
        torch.stack(list(terms.values())).sum().backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip)
        if norm.isfinite():
            self.optimizer.step()
            self.average.update(self.network, self.step)
        else:
            print(f"{self.step} skipped: the gradient is not finite", flush=True)
        self.step += 1
        if self.step % 20 == 0:
            print(f"{self.step} {time.strftime('%H:%M:%S')}", *(f"{k} {v:.4f}" for k, v in terms.items()), flush=True)
        if self.step % CHECKPOINT_STEPS == 0 or self.step == self.steps:
            self.save()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="b5")
    parser.add_argument("--data", type=Path, required=True, help="folder with portraits, cutouts, backgrounds, weights")
    parser.add_argument("--out", type=Path, required=True, help="folder for the checkpoint")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    run = Run(args.network, args.data, args.out, args.steps, args.seed, Recipe())
    print(asdict(run.recipe), flush=True)
    if run.checkpoint.exists():
        run.resume()
        print(f"resumed at step {run.step}", flush=True)
    run.train()


if __name__ == "__main__":
    main()
