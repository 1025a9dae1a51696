"""The shapes that modules of a network get and give, found by one run."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import torch
from pspm_runtime.errors import ModelError
from torch import Tensor, nn


class Call(NamedTuple):
    """One call of a module: its place in the order of calls, and the shapes of its first input and output."""

    order: int
    input: torch.Size
    output: torch.Size


@torch.no_grad()
def calls_of(network: nn.Module, paths: Iterable[str], example: Tensor | tuple[Any, ...]) -> dict[str, Call]:
    """Run the network once in eval mode.

    Raises ModelError for a module that does not run just once, or not on features, and for an example that fails.
    """
    calls: dict[str, Call] = {}
    started: dict[str, int] = {}

    def watch(path: str) -> list[Any]:
        def before(module: nn.Module, inputs: tuple[Any, ...]) -> None:
            if path in started:
                raise ModelError(f"{path} runs more than once for one input; give every level a module of its own")
            started[path] = len(started)

        def after(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
            result = output[0] if isinstance(module, nn.MaxPool2d) and isinstance(output, tuple) else output
            x = inputs[0] if inputs else None
            if not isinstance(x, Tensor) or not isinstance(result, Tensor) or x.ndim != 4 or result.ndim != 4:
                raise ModelError(f"{path} does not map one feature (N, C, H, W) to another; name a module that does")
            calls[path] = Call(started[path], x.shape, result.shape)

        module = network.get_submodule(path)
        return [module.register_forward_pre_hook(before), module.register_forward_hook(after)]

    hooks = [hook for path in paths for hook in watch(path)]
    modes = {module: module.training for module in network.modules()}
    try:
        network.eval()(*(example if isinstance(example, tuple) else (example,)))
    except (RuntimeError, TypeError, ValueError) as error:
        raise ModelError(f"the network does not take the example: {str(error).splitlines()[0]}") from error
    finally:
        for hook in hooks:
            hook.remove()
        for module, training in modes.items():
            module.training = training
    for path in paths:
        if path not in calls:
            raise ModelError(f"{path} does not run for the example")
    return calls
