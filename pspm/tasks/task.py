"""What the four tasks have in common: pictures to train and to test on, metrics, a loss, a network."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from pspm.tasks.recipe import Recipe

# Stands for no operator, in a network without upsampling.
NONE = "none"
# Compared in SegNet-like networks: those of thesis tables 3.6 and 3.7, fixed kernels and SAPA. The baseline is first.
SEGNET_OPERATORS = (
    "max-unpool",
    "nearest",
    "bilinear",
    "carafe",
    "indexnet-hin",
    "indexnet-m2o",
    "a2u-dynamic-cs",
    "sapa-b",
)


class Metric(NamedTuple):
    """A column of the results. digits: after the decimal point."""

    name: str
    larger_is_better: bool
    digits: int
    unit: str = ""


class TrainingSet(Protocol):
    """Training samples of any form, augmented at random."""

    def __len__(self) -> int:
        """The number of samples of an epoch."""

    def sample(self, index: int, rng: np.random.Generator) -> Any:
        """Sample `index`, augmented by the random numbers. Raises ValueError for a file that cannot be read."""


@dataclass(frozen=True)
class Pictures:
    """The pictures of an experiment.

    train: None if the folder has none, which is enough to evaluate a checkpoint. tests: test sets by name, each a
    sequence of samples that are read when they are asked for. what: one line for the report. classes: that the network
    predicts, background included.
    """

    train: TrainingSet | None
    tests: Mapping[str, Sequence[Any]]
    what: str
    classes: int = 1


class Made(NamedTuple):
    """What a network is made of, which a checkpoint also says.

    network, operator: names. classes: that it predicts. width: of its first layer, for networks that come in several
    widths; None for the paper's.
    """

    network: str
    operator: str
    classes: int = 1
    width: int | None = None

    def own_options(self) -> dict[str, Any]:
        """The options of `networks.registry.build` besides the number of classes."""
        return {} if self.width is None else {"width": self.width}


class Options(NamedTuple):
    """What a user chooses about the pictures.

    data: the folder; None for a task that renders its own. sigma: of the noise, of 255 levels, for denoising alone.
    limit: of pictures in a test set; None for all.
    """

    data: Path | None = None
    sigma: int = 25
    limit: int | None = None


class Task(ABC):
    """A task. Its networks are made for the number of classes of its pictures.

    recipes: by name, the short one of the stand-in first. networks: the names that `build` takes, the default first.
    operators: of the printed tables, the baseline first.
    """

    name: str
    title: str
    metrics: tuple[Metric, ...]
    recipes: Mapping[str, Recipe]
    networks: tuple[str, ...]
    operators: tuple[str, ...]

    @abstractmethod
    def read(self, recipe: Recipe, options: Options) -> Pictures:
        """Find the pictures. Raises FileNotFoundError or ValueError if the folder is in no layout of this task."""

    @abstractmethod
    def build(self, made: Made) -> nn.Module:
        """Make a network with random weights. Raises ValueError if the operator has no place in it."""

    @abstractmethod
    def collate(self, samples: Sequence[Any]) -> Any:
        """Join training samples into a batch, a tuple whose first field has one entry for each sample."""

    @abstractmethod
    def loss(self, network: nn.Module, batch: Any, recipe: Recipe) -> Tensor:
        """The loss of a batch."""

    @abstractmethod
    def show(self, network: nn.Module, photo: np.ndarray) -> None:
        """Run a network in eval mode on a photo, RGB (H, W, 3) uint8 with sides that are multiples of 32."""

    @abstractmethod
    def measure(self, network: nn.Module, test: Sequence[Any]) -> dict[str, float]:
        """Each of `metrics` that a test set has something for, by a network in eval mode."""


class First(Sequence[Any]):
    """The first pictures of a sequence, which are read when they are asked for. limit: None for all."""

    def __init__(self, pictures: Sequence[Any], limit: int | None) -> None:
        self.pictures, self.length = pictures, len(pictures) if limit is None else min(limit, len(pictures))

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> Any:  # type: ignore[override]
        if not 0 <= index < self.length:
            raise IndexError(index)
        return self.pictures[index]


def device_of(network: nn.Module) -> torch.device:
    """Where a network's parameters are."""
    return next(network.parameters()).device


def what_is_in(folder: Path) -> str:
    """What a folder holds, in a few words, for the message that it is in another layout."""
    if not folder.is_dir():
        return "no such folder" if not folder.exists() else "a file"
    names = sorted(f"{path.name}/" if path.is_dir() else path.name for path in folder.iterdir())
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return shown or "nothing, the folder is empty"


def other_layout(folder: Path | None, expected: str) -> FileNotFoundError:
    """The error for a folder in another layout. expected: the layouts that the task reads."""
    if folder is None:
        return FileNotFoundError(f"this task needs --data: a folder with {expected}")
    return FileNotFoundError(f"{folder} is in another layout; expected {expected}; found {what_is_in(folder)}")


def check_classes(path: Path, labels: np.ndarray, classes: int, ignored: int) -> None:
    """Raise ValueError if a picture of labels has one that is neither a class nor ignored."""
    wrong = labels[(labels != ignored) & ((labels < 0) | (labels >= classes))]
    if wrong.size:
        raise ValueError(f"{path} has a label outside its {classes} classes; it belongs to another data set")
