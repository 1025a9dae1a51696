"""Lightning's loop: one epoch, without advice on what is intended, and ended by signals as every command is."""

import logging
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning
from pspm_runtime.command.stop_signals import Stopped

from pspm.training.callbacks.checkpoint import SaveCheckpoint

# Lightning's warnings about what is intended: the loader counts the whole run and starts in its middle, two cores have
# two workers, there may be no validation images, batch norms are frozen, a resumed run may have another time budget.
INTENDED = (
    "dataloader is not resumable",
    "does not have many workers",
    "length of `DataLoader`",
    "in eval mode",
    "add the following callbacks",
    "treespec",
)


def new_trainer(**options: Any) -> lightning.Trainer:
    """Make a trainer of one epoch. options: what differs between runs, see `lightning.Trainer`."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # which devices there are, and an advertisement
    return lightning.Trainer(
        max_epochs=1,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        **options,
    )


def run_loop(
    trainer: lightning.Trainer,
    module: lightning.LightningModule,
    checkpoint: Path | None,
    data: lightning.LightningDataModule | None = None,
) -> None:
    """Train a module to its last step, from a checkpoint if there is one.

    data: where the batches come from, None if the module has its own. Raises Stopped after Ctrl-C and SIGTERM.
    """
    with warnings.catch_warnings(), stopped_by_signals(trainer):
        for message in INTENDED:
            warnings.filterwarnings("ignore", f".*{message}.*")
        trainer.fit(module, datamodule=data, ckpt_path=checkpoint, weights_only=checkpoint is not None)
    if skipped := getattr(module, "skipped", 0):
        print(f"{skipped} steps were skipped because their gradient was not finite", file=sys.stderr)


@contextmanager
def stopped_by_signals(trainer: lightning.Trainer) -> Iterator[None]:
    """Print where the run will resume and raise Stopped where Lightning exits.

    It exits after Ctrl-C with code 1, and after SIGTERM with code 0, as if all steps were trained. A SIGTERM for the
    whole group of processes also ends those that read pictures; torch makes an error of that, wherever the run is.
    """
    try:
        yield
    except (SystemExit, Exception) as error:
        if not (isinstance(error, SystemExit) or trainer.received_sigterm):
            raise
        if hasattr(signal, "SIGCHLD"):  # not on Windows
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        callbacks = trainer.callbacks  # type: ignore[attr-defined]
        saved = next(callback.saved for callback in callbacks if isinstance(callback, SaveCheckpoint))
        print(
            f"\nstopped at step {trainer.global_step}; the same command resumes from step {saved}",
            file=sys.stderr,
        )
        raise Stopped(signal.SIGTERM if trainer.received_sigterm else signal.SIGINT) from None
