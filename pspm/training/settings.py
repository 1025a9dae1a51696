"""What a run needs besides its network and its recipe."""

from dataclasses import dataclass
from pathlib import Path

PRECISIONS = ("32-true", "bf16-mixed", "16-mixed")


@dataclass(frozen=True)
class Settings:
    """Where and how a run is computed; saved in run.json.

    data: the data folder; out: the run's folder. steps: the planned length. devices: per node.
    channels_last: memory layout of the features. in_memory: decode all images once and keep them.
    workers: processes that decode images. save_every, validate_every: in steps; a validate_every of 0 means never.
    budget: seconds after which the run stops; it can be resumed.
    imagenet: folded ImageNet weights for the encoders. start_from: checkpoints or names of shipped networks to take
    weights from, in this order.
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
        """Number of processes that share a batch."""
        return self.devices * self.nodes
