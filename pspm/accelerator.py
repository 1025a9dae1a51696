"""The accelerators that networks are trained and measured on."""

import torch

ACCELERATORS = ("auto", "gpu", "mps", "cpu")


def device_of(accelerator: str) -> torch.device:
    """The device of an accelerator; that of `auto` is the best that is here. Raises ValueError if it is not here."""
    for kind, names, there in (
        ("cuda", ("auto", "gpu"), torch.cuda.is_available()),
        ("mps", ("auto", "mps"), torch.backends.mps.is_available()),
        ("cpu", ("auto", "cpu"), True),
    ):
        if accelerator in names and there:
            return torch.device(kind)
    raise ValueError(f"there is no accelerator {accelerator!r} here; choose auto, cpu, or gpu or mps if there is one")


def check_devices(accelerator: str, count: int) -> None:
    """Raise ValueError if there are fewer devices; on a CPU, devices are processes, as many as one likes."""
    kind = device_of(accelerator).type
    there = {"cuda": torch.cuda.device_count(), "mps": 1}.get(kind, count)
    if count > there:
        raise ValueError(f"there are {there} devices here, not {count}; choose --devices {there} or fewer")
