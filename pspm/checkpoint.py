"""Read trained networks from checkpoints of `pspm train`."""

import io
import pickle
import pickletools
import re
import struct
import zipfile
from pathlib import Path
from typing import BinaryIO

import torch
from pspm_runtime.bundle import shipped
from torch import Tensor

from pspm.networks import MattingNetwork, build

PREFIX = "network."
# Exceptions that torch.load raises for files that are not pickles. Its own message suggests weights_only=False, so we
# hide it.
NOT_A_PICKLE = (pickle.UnpicklingError, struct.error, LookupError, TypeError, ValueError)
# Opcodes of a pickle that name something to call, and what the pickles of `pspm train` call.
CALLS = ("GLOBAL", "STACK_GLOBAL", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4")
# Files of torch before 1.6 are a magic number, a version, facts of the machine, the contents and the names of storages.
OLD_PICKLES, MAGIC_NUMBER, LARGEST_NUMBER = 5, 0x1950A86A20F9469CFC6C, 4096
CALLED = re.compile(r"collections OrderedDict|torch._utils _rebuild_(tensor|tensor_v2|parameter)|torch \w+Storage")


def is_shipped(source: Path | str) -> bool:
    """Whether `source` is the name of a shipped network. An existing file of that name takes precedence."""
    return str(source) in shipped() and not Path(source).exists()


def load_network(name: str | None, checkpoint: Path) -> MattingNetwork:
    """Load the averaged weights of a checkpoint into a network in eval mode.

    name: of the network; None uses the name stored in the checkpoint. Raises ValueError for an unknown name, and for a
    file that is missing or not a checkpoint of that network.
    """
    name = name or trained_network(checkpoint)
    network = build(name)
    try:
        network.load_state_dict(read_weights(checkpoint))
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"{checkpoint} is not a checkpoint of {name} ({reason}); choose another, or name its network"
        ) from None
    return network.eval()


def trained_network(checkpoint: Path) -> str:
    """The network's name stored in a checkpoint. Raises ValueError if the file is missing or not a checkpoint."""
    return read_checkpoint(checkpoint)[0]


def read_weights(checkpoint: Path) -> dict[str, Tensor]:
    """The network's averaged weights. Raises ValueError if the file is missing or not a checkpoint."""
    return read_checkpoint(checkpoint)[1]


def read_checkpoint(checkpoint: Path) -> tuple[str, dict[str, Tensor]]:
    """The network's name and its averaged weights. Raises ValueError if the file is missing or not a checkpoint."""
    if not checkpoint.is_file():
        what = "is a folder" if checkpoint.is_dir() else "does not exist"
        raise ValueError(f"{checkpoint} {what}; name the checkpoint.ckpt of a `pspm train` run")
    try:
        state = load_safely(checkpoint)
    except ValueError as error:
        reason = str(error)
    else:
        match state:
            case {"hyper_parameters": {"network": str(network)}, "state_dict": dict(weights)}:
                named = {key: w for key, w in weights.items() if isinstance(key, str) and isinstance(w, Tensor)}
                if not all(map(is_whole, named.values())):
                    raise _not_a_checkpoint(checkpoint, "its weights are not whole")
                return network, {key.removeprefix(PREFIX): w for key, w in named.items() if key.startswith(PREFIX)}
        reason = "it names no network"
    raise _not_a_checkpoint(checkpoint, reason)


def _not_a_checkpoint(checkpoint: Path, reason: str) -> ValueError:
    return ValueError(f"{checkpoint} is not a checkpoint of `pspm train`: {reason}; choose another file")


def load_safely(path: Path, *, old_format: bool = False) -> object:
    """Load a file of torch.save that holds only data. Raises ValueError with the reason for any other file.

    old_format: also load files of torch before 1.6, which torchvision still offers.
    """
    try:
        if old_format and not zipfile.is_zipfile(path):
            _check_old_format(path)
        else:
            _check_archive(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError):
        raise ValueError("it is cut short or damaged") from None
    except NOT_A_PICKLE:
        raise ValueError("its contents are unknown") from None


def _check_archive(checkpoint: Path) -> None:
    """Raise ValueError for what torch.load may read but `pspm train` does not write.

    Files of torch before 1.6, and archives that are compressed, may tell any size. A pickle may call anything that
    torch allows, such as a bytearray of any length.
    """
    try:
        with zipfile.ZipFile(checkpoint) as archive:
            entries = archive.infolist()
            compressed = sum(entry.file_size for entry in entries) > checkpoint.stat().st_size
            names = [] if compressed else [entry for entry in entries if entry.filename.endswith(".pkl")]
            pickles = [archive.read(entry) for entry in names]
    except Exception as error:  # zipfile raises almost anything for damaged archives
        raise RuntimeError("damaged archive, or none") from error
    if compressed:
        raise ValueError("it is compressed")
    for data in pickles:
        _check_pickle(io.BytesIO(data))


def _check_old_format(path: Path) -> None:
    """Raise ValueError if one of a file's five pickles calls anything else, or tells a size beyond the file's own."""
    with path.open("rb") as file:
        for _ in range(OLD_PICKLES):
            _check_pickle(file, largest=max(path.stat().st_size, LARGEST_NUMBER))


def _check_pickle(file: BinaryIO, largest: int | None = None) -> None:
    for opcode, argument, _ in pickletools.genops(file):
        if opcode.name in CALLS and not (opcode.name == "GLOBAL" and CALLED.fullmatch(str(argument))):
            raise ValueError(f"it calls {argument}")
        if largest and isinstance(argument, int) and argument > largest and argument != MAGIC_NUMBER:
            raise ValueError(f"it tells the size {argument}")


def is_whole(weight: Tensor) -> bool:
    """Whether every element has its place in memory; one that is repeated may stand for any number of elements."""
    return weight.numel() * weight.element_size() <= weight.untyped_storage().nbytes()
