"""A training run from its folder to its checkpoint."""

import json
import logging
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Timer, TQDMProgressBar, WeightAveraging
from lightning.pytorch.loggers import TensorBoardLogger
from pspm_runtime.bundle import open_bundle
from torch import Tensor, nn

from pspm.bn_folding import is_unfolded, read_folded_onnx, unfold
from pspm.checkpoint import is_shipped, read_weights
from pspm.data.folders.sources import Sources
from pspm.data.samples.augment import render
from pspm.data.samples.samples import Samples
from pspm.training.batch_sampler import Steps, collate, load
from pspm.training.callbacks.checkpoint import CHECKPOINT, Keep
from pspm.training.callbacks.previews import Previews
from pspm.training.callbacks.run_log import Journal
from pspm.training.module import MattingModule
from pspm.training.recipes import Recipe
from pspm.training.validation_set import HeldBack, one_by_one
from pspm.training.weights.bn_calibration import calibrate
from pspm.training.weights.imagenet import Encoder, start_from_imagenet

CALIBRATION = 32
RUN = "run.json"
# What the framework warns of, and is so on purpose: the loader counts the whole run and starts in its middle, two cores
# have two workers, there may be nothing to validate on, normalisations rest, and a time budget may come and go.
MEANT = (
    "dataloader is not resumable",
    "does not have many workers",
    "length of `DataLoader`",
    "in eval mode",
    "add the following callbacks",
    "treespec",
)


@dataclass(frozen=True)
class Settings:
    """What a run needs to know beside its network and recipe; it goes into run.json.

    steps: the planned length. channels_last: how the features lie in memory. in_memory: every picture is decoded once
    and kept. budget: seconds after which it stops, to be resumed or not. imagenet: folded weights for the encoders.
    start_from: checkpoints, or names of shipped networks, whose weights it starts from, a later one before an earlier
    one.
    """

    data: Path
    out: Path
    steps: int
    seed: int = 0
    devices: int = 1
    nodes: int = 1
    accelerator: str = "auto"
    precision: str = "32-true"
    channels_last: bool = False
    in_memory: bool = False
    workers: int = 2
    save_every: int = 500
    validate_every: int = 2000
    budget: float | None = None
    imagenet: Path | None = None
    start_from: tuple[Path | str, ...] = ()

    @property
    def processes(self) -> int:
        """How many share a batch."""
        return self.devices * self.nodes


def train(name: str, recipe: Recipe, settings: Settings) -> MattingModule:
    """Train, or go on from the folder's checkpoint; returns the module with the averaged weights.

    Raises FileNotFoundError or ValueError for pictures and checkpoints that cannot be used, before it starts.
    """
    for phase in recipe.phases:
        if phase.batch % settings.processes:
            raise ValueError(f"a batch of {phase.batch} does not divide among {settings.processes} devices")
    on_cpu = settings.accelerator == "cpu" or not (torch.cuda.is_available() or torch.backends.mps.is_available())
    if on_cpu and settings.precision != "32-true":
        # torch 2.13 reads memory that nobody wrote for the bf16 gradient of dilated depthwise convolutions there.
        raise ValueError(f"on a CPU the precision {settings.precision} gives wrong gradients; train in 32-true")
    sources = Sources.find(settings.data)
    sources.check()
    settings.out.mkdir(parents=True, exist_ok=True)
    checkpoint = settings.out / CHECKPOINT
    samples = Samples(
        sources, recipe.mixture, settings.seed, around_unknown=recipe.around_unknown, things=recipe.things
    )
    if settings.in_memory:
        samples.decode()
    torch.manual_seed(settings.seed)
    module = MattingModule(name, recipe, settings.steps, settings.seed)
    if checkpoint.exists():
        same_run(name, recipe, settings)
    else:
        start(module, samples, settings)
        write_run(name, recipe, settings)
    if settings.channels_last:
        module.network.to(memory_format=torch.channels_last)
    trainer = new_trainer(recipe, settings)
    fit(trainer, module, samples, settings, checkpoint if checkpoint.exists() else None)
    return module


def start(module: MattingModule, samples: Samples, settings: Settings) -> None:
    """Weights that the run begins with: random ones, then ImageNet's for the encoders, then those of checkpoints."""
    if settings.imagenet:
        encoders = [part for part in module.network.modules() if isinstance(part, Encoder)]
        if not encoders:
            raise ValueError(
                f"{settings.imagenet} is for MobileNetV2, which {module.hparams['network']} does not have; "
                "leave out --imagenet"
            )
        pictures = calibration_pictures(samples)
        for encoder in encoders:
            start_from_imagenet(encoder, settings.imagenet, pictures)
    for source in settings.start_from:
        start_from(module.network, source)
    if unfolded := [norm for norm in module.learning_norms() if is_unfolded(norm)]:
        calibrate(module.network, unfolded, calibration_pictures(samples))


def start_from(network: nn.Module, source: Path | str) -> None:
    """Take over the weights of a run's checkpoint, or of a shipped network by its name.

    What the source does not have keeps its own: a cascade takes either of its two networks, a member of a family those
    of another. Raises ValueError where they do not fit.
    """
    own = network.state_dict()
    if is_shipped(source):
        weights = unfold(network, read_folded_onnx(open_bundle(str(source)).model))
    else:
        weights = read_weights(Path(source))
    if not weights.keys() <= own.keys():
        weights = {f"segmentation.{key}": value for key, value in weights.items()}
    if not weights.keys() <= own.keys() or any(own[key].shape != value.shape for key, value in weights.items()):
        raise ValueError(f"the network in {source} is another one; start from a run of the same network")
    network.load_state_dict(weights, strict=False)


def calibration_pictures(samples: Samples) -> Tensor:
    """A few training pictures, (N, 3, 256, 256) in [-1, 1]."""
    return render(collate([samples[256, index] for index in range(CALIBRATION)])).image * 2 - 1


def new_trainer(recipe: Recipe, settings: Settings) -> lightning.Trainer:
    """The framework's loop with what this project adds to it."""
    callbacks = [
        TQDMProgressBar(refresh_rate=10 if sys.stderr.isatty() else 100),
        Journal(settings.out),
        Previews(settings.validate_every),
        *([Timer(timedelta(seconds=settings.budget), verbose=False)] if settings.budget else []),
        *([WeightAveraging(multi_avg_fn=moving_average(recipe.average))] if recipe.average else []),
        Keep(settings.out, settings.save_every),
    ]
    return lightning.Trainer(
        accelerator=settings.accelerator,
        devices=settings.devices,
        num_nodes=settings.nodes,
        strategy="ddp_find_unused_parameters_true" if settings.processes > 1 else "auto",
        precision=settings.precision,  # type: ignore[arg-type]
        sync_batchnorm=settings.processes > 1 and torch.cuda.is_available(),
        max_steps=settings.steps,
        max_epochs=1,
        gradient_clip_val=recipe.clip or None,
        val_check_interval=settings.validate_every,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        logger=TensorBoardLogger(settings.out, name="", version="tensorboard"),
        log_every_n_steps=1,
        callbacks=callbacks,
    )


def moving_average(limit: float) -> Callable[[list[Tensor], list[Tensor], int | Tensor], None]:
    """Exponential, with a decay that rises to its limit, so that the first weights are soon forgotten."""

    def average(means: list[Tensor], values: list[Tensor], steps: int | Tensor) -> None:
        n = float(steps)
        if means[0].is_floating_point():
            torch._foreach_lerp_(means, values, 1 - min(limit, (n + 1) / (n + 10)))
        else:
            torch._foreach_copy_(means, values)

    return average


class Data(lightning.LightningDataModule):
    """The batches, from the step at which the run stands."""

    def __init__(self, recipe: Recipe, samples: Samples, settings: Settings, pictures: HeldBack) -> None:
        super().__init__()
        self.recipe, self.samples, self.settings, self.pictures = recipe, samples, settings, pictures

    def train_dataloader(self) -> object:
        """Batches from the trainer's step on."""
        assert self.trainer is not None
        trainer, settings = self.trainer, self.settings
        steps = Steps(self.recipe, settings.steps, trainer.global_step, trainer.global_rank, trainer.world_size)
        return load(self.samples, steps, settings.workers)

    def val_dataloader(self) -> object:
        """The held-back pictures, of which there may be none."""
        return one_by_one(self.pictures)


def fit(
    trainer: lightning.Trainer, module: MattingModule, samples: Samples, settings: Settings, checkpoint: Path | None
) -> None:
    """Run the loop, from a checkpoint where there is one."""
    held_back = HeldBack(settings.data, module.network.view_size)
    data = Data(module.recipe, samples, settings, held_back)
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        for meant in MEANT:
            warnings.filterwarnings("ignore", f".*{meant}.*")
        trainer.fit(module, datamodule=data, ckpt_path=checkpoint, weights_only=checkpoint is not None)
    if module.skipped:
        print(f"{module.skipped} steps were skipped: their gradient was not finite", file=sys.stderr)


def write_run(name: str, recipe: Recipe, settings: Settings) -> None:
    """run.json: enough to repeat the run."""
    path = settings.out / RUN
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(describe(name, recipe, settings), indent=2) + "\n")
    unfinished.replace(path)


def describe(name: str, recipe: Recipe, settings: Settings) -> dict[str, Any]:
    """A run as JSON knows it."""
    run = {
        "network": name,
        "steps": settings.steps,
        "seed": settings.seed,
        "recipe": asdict(recipe),
        "settings": vars(settings),
        "versions": {package: version(package) for package in ("pspm", "torch", "lightning", "kornia")},
    }
    return json.loads(json.dumps(run, default=str))


def same_run(name: str, recipe: Recipe, settings: Settings) -> None:
    """Raises ValueError where the folder holds the checkpoint of another run, which going on would spoil."""
    path = settings.out / RUN
    before, now = json.loads(path.read_text()), describe(name, recipe, settings)
    for fact in ("network", "steps", "seed", "recipe"):
        if before[fact] != now[fact]:
            raise ValueError(
                f"{settings.out} holds a run of another {fact}; give that run's options, or another folder"
            )
