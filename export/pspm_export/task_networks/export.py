"""Export a network of another task: a verified model file, and `network.json`, which describes it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pspm_runtime.bundle import digest
from pspm_runtime.errors import ModelError
from torch import Tensor, nn

from pspm.tasks.networks.registry import TaskNetwork
from pspm_export.described_model import described_model
from pspm_export.manifest import size_of
from pspm_export.plan.formats import FORMATS
from pspm_export.task_networks.files import TaskFile, task_file
from pspm_export.task_networks.interface import IMAGE, INTERFACES, sample_input
from pspm_export.verification.parity import Parity, parity

DESCRIPTION = "network.json"
Size = tuple[int, int]
# Multiples of every network's own.
SIZE = (224, 224)


@dataclass(frozen=True)
class Wanted:
    """One file. name: of the network. operator: its name, if it has one. size: (height, width); None for any size."""

    name: str
    operator: str | None
    entry: TaskNetwork
    format: str
    size: Size | None = None


def export_task_network(network: nn.Module, wanted: Wanted, folder: Path) -> dict[Size, Parity]:
    """Write the model file and `network.json` to `folder`, both or neither, and return how close it is to torch.

    network: in eval mode. Raises ModelError for a size that does not fit, a format that cannot express the network, and
    a file that differs from torch; OutputError if the disk is full.
    """
    file = task_file(wanted.format)
    size = wanted.size or SIZE
    try:
        wanted.entry.check_size(*size)
    except ValueError as error:
        raise ModelError(str(error)) from None
    output, flexible = INTERFACES[wanted.entry.task].output, file.flexible and wanted.size is None
    with described_model(folder, FORMATS[wanted.format].file, DESCRIPTION) as (model, facts):
        x = sample_input(wanted.entry, *size)
        file.write(network, model, x, output, wanted.entry.multiple if flexible else None)
        sizes = [size, (size[0], size[1] + 2 * wanted.entry.multiple)] if flexible else [size]
        parities = {each: _compare(network, file, model, wanted, each) for each in sizes}
        facts.update(_describe(wanted, model, None if flexible else size, parities))
    return parities


def _compare(network: nn.Module, file: TaskFile, model: Path, wanted: Wanted, size: Size) -> Parity:
    """The parity on the sample portrait, scaled to the range of torch's output. Raises ModelError beyond bounds."""
    x = sample_input(wanted.entry, *size)
    with torch.no_grad():
        expected = network(x)
    if expected.min() == expected.max():  # after too few steps, behind a last ReLU
        raise ModelError(
            f"{wanted.name} gives {float(expected.min()):g} at every pixel of the sample portrait, so no file can "
            "be compared with torch; train it longer"
        )
    found = file.run(model, x, INTERFACES[wanted.entry.task].output)
    if found.shape != expected.shape:
        raise ModelError(f"{model.name} gives {tuple(found.shape)}, not {tuple(expected.shape)}; report this")
    result = parity(*(_scaled(y, expected).numpy() for y in (expected, found)))
    if not result.holds("fp32"):
        height, width = size
        raise ModelError(f"{model.name} is refused: at {width}x{height} it differs from torch: {result}; report this")
    return result


def _scaled(y: Tensor, expected: Tensor) -> Tensor:
    """y on a scale where `expected` goes from 0 to 1."""
    low, high = expected.min(), expected.max()
    return (y - low) / (high - low)


def _describe(wanted: Wanted, model: Path, size: Size | None, parities: dict[Size, Parity]) -> dict[str, Any]:
    """What an app needs to know of a file. size: the only one, or None."""
    interface, layout = INTERFACES[wanted.entry.task], "NHWC" if wanted.format == "tflite" else "NCHW"
    sides = {"height": size[0], "width": size[1]} if size else {"multiple": wanted.entry.multiple}
    return {
        "task": wanted.entry.task,
        "network": wanted.name,
        "operator": wanted.operator,
        "file": model.name,
        "format": wanted.format,
        "precision": "fp32",
        "sha256": digest(model),
        "bytes": size_of(model),
        "input": {
            "name": IMAGE,
            "layout": layout,
            "type": "float32",
            "colours": interface.colours,
            "range": list(interface.range),
            "size": sides,
        },
        "output": {"name": interface.output, "layout": layout, "type": "float32", "meaning": interface.meaning},
        "parity": [{"height": h, "width": w, **found._asdict()} for (h, w), found in parities.items()],
    }
