"""Train a network: set up the run, start or resume it, and run Lightning's loop."""

import sys
from datetime import timedelta
from pathlib import Path

import lightning
import torch
from lightning.pytorch.callbacks import Timer, TQDMProgressBar, WeightAveraging
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only
from pspm_runtime.files.atomic_write import atomic_write

from pspm.accelerator import check_devices, device_of
from pspm.checkpoint import PREFIX
from pspm.data.folders.sources import Sources
from pspm.data.samples.clip import ClipDataset
from pspm.data.samples.dataset import TrainingDataset
from pspm.networks import build
from pspm.training.callbacks.checkpoint import CHECKPOINT, SaveCheckpoint
from pspm.training.callbacks.previews import Previews
from pspm.training.callbacks.run_log import RunLog
from pspm.training.clip_module import ClipModule
from pspm.training.data_module import DataModule
from pspm.training.loop import new_trainer, run_loop
from pspm.training.module import MattingModule
from pspm.training.recipes import Recipe, without_pretrained_backbone
from pspm.training.run_record import check_same_run, write_run_record
from pspm.training.settings import PRECISIONS, Settings
from pspm.training.validation_set import ValidationSet
from pspm.training.weights.moving_average import moving_average
from pspm.training.weights.start import start_weights
from pspm.training.weights.transfer import Transfer


def train(name: str, recipe: Recipe, settings: Settings) -> MattingModule:
    """Train a network, or resume from the checkpoint in the run's folder. Returns the module with averaged weights.

    Raises FileNotFoundError or ValueError, before training starts, for images and checkpoints that cannot be used.
    """
    check_options(name, recipe, settings)
    if not settings.imagenet and not settings.start_from:
        recipe = without_pretrained_backbone(recipe)
    sources = Sources.find(settings.data)
    sources.check()
    dataset = (TrainingDataset if recipe.frames == 1 else ClipDataset)(
        sources,
        recipe.mixture,
        settings.seed,
        around_unknown=recipe.around_unknown,
        affine=recipe.affine,
        crop_sides=recipe.crop_sides,
        held_objects=recipe.things,
        turned=recipe.turned,
        balanced=recipe.balanced,
    )
    if isinstance(dataset, ClipDataset):
        dataset.frames = recipe.frames
    if settings.in_memory:
        dataset.decode()
    torch.manual_seed(settings.seed)
    module = (MattingModule if recipe.frames == 1 else ClipModule)(name, recipe, settings.steps, settings.seed)
    checkpoint = settings.out / CHECKPOINT
    if checkpoint.exists():
        check_same_run(name, recipe, settings)
    else:
        transfers = start_weights(module, dataset, settings)
        for transfer in transfers:
            report(transfer)
        settings.out.mkdir(parents=True, exist_ok=True)
        write_run_record(name, recipe, settings, transfers)
    if settings.channels_last:
        module.network.to(memory_format=torch.channels_last)
    fit(module, dataset, settings, checkpoint if checkpoint.exists() else None)
    return module


@rank_zero_only
def report(transfer: Transfer) -> None:
    """Print a line about what the network took from another one."""
    print(transfer, file=sys.stderr)


def check_options(name: str, recipe: Recipe, settings: Settings) -> None:
    """Raise ValueError for options that do not go together.

    These are networks and recipes of which one is for clips and the other is not, batches that the devices cannot
    share, devices that are not here, and a precision that the CPU gets wrong.
    """
    if recipe.frames > 1 and build(name).takes_trimap:
        raise ValueError(f"this recipe trains on clips, and {name} takes a trimap; train mobile or mobile-video")
    for phase in recipe.phases:
        if phase.batch // settings.processes % recipe.frames:
            raise ValueError(
                f"a batch of {phase.batch} on {settings.processes} devices does not hold whole clips of "
                f"{recipe.frames} frames; change --batch"
            )
        if phase.batch % settings.processes:
            raise ValueError(
                f"a batch of {phase.batch} does not divide among {settings.processes} devices; change --batch"
            )
    check_devices(settings.accelerator, settings.devices)
    if settings.precision not in PRECISIONS:
        raise ValueError(f"there is no precision {settings.precision!r}; choose one of {', '.join(PRECISIONS)}")
    if device_of(settings.accelerator).type == "cpu" and settings.precision != "32-true":
        # torch 2.13 reads uninitialised memory in the bf16 gradient of dilated depthwise convolutions on a CPU.
        raise ValueError(f"the precision {settings.precision} gives wrong gradients on a CPU; train in 32-true")


def fit(module: MattingModule, dataset: TrainingDataset, settings: Settings, checkpoint: Path | None) -> None:
    """Run the training loop, from a checkpoint if there is one."""
    if settings.steps == 0:
        # A checkpoint means that the run is complete.
        if checkpoint is None:
            save_untrained(module, settings.out)
        return
    trainer = trainer_of(module.recipe, settings)
    validation_set = ValidationSet(settings.data, module.network.view_size) if settings.validate_every else None
    data = DataModule(module.recipe, dataset, settings, validation_set)
    run_loop(trainer, module, checkpoint, data)


def save_untrained(module: MattingModule, out: Path) -> None:
    """Save the weights that the network starts from as the checkpoint of a run of zero steps."""
    weights = {PREFIX + key: value for key, value in module.network.state_dict().items()}
    with atomic_write(out / CHECKPOINT) as unfinished:
        torch.save({"hyper_parameters": dict(module.hparams), "state_dict": weights}, unfinished)


def trainer_of(recipe: Recipe, settings: Settings) -> lightning.Trainer:
    """Make Lightning's trainer with this project's callbacks."""
    callbacks = [
        TQDMProgressBar(refresh_rate=10 if sys.stderr.isatty() else 100),
        RunLog(settings.out),
        *([Previews(settings.validate_every)] if settings.validate_every else []),
        *([Timer(timedelta(seconds=settings.budget), verbose=False)] if settings.budget else []),
        *([WeightAveraging(multi_avg_fn=moving_average(recipe.average))] if recipe.average else []),
        SaveCheckpoint(settings.out, settings.save_every),
    ]
    return new_trainer(
        accelerator=settings.accelerator,
        devices=settings.devices,
        num_nodes=settings.nodes,
        strategy="ddp_find_unused_parameters_true" if settings.processes > 1 else "auto",
        precision=settings.precision,
        sync_batchnorm=settings.processes > 1 and torch.cuda.is_available(),
        max_steps=settings.steps,
        gradient_clip_val=recipe.clip or None,
        val_check_interval=settings.validate_every or None,
        limit_val_batches=None if settings.validate_every else 0,
        check_val_every_n_epoch=None,
        logger=TensorBoardLogger(settings.out, name="", version="tensorboard"),
        log_every_n_steps=1,
        callbacks=callbacks,
    )
