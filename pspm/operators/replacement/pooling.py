"""The pooling that is paired with an upsampling."""

from functools import partial

from pspm_runtime.errors import ModelError
from torch import nn

from pspm.operators.interface import Operator
from pspm.operators.replacement.fitting import pools_itself
from pspm.operators.replacement.kept import Kept, OperatedPooling
from pspm.operators.replacement.placing import Placing


def is_pooling(module: nn.Module | None) -> bool:
    """Whether a module pools, so that its input guides, not its output."""
    return isinstance(module, nn.MaxPool2d | nn.AvgPool2d)


def halves(module: nn.Module | None) -> bool:
    """Whether a module pools cells of 2x2, so that an operator can take its place."""
    if not isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        return False
    settings = (module.kernel_size, module.stride, module.padding)
    return [value if isinstance(value, tuple) else (value, value) for value in settings] == [(2, 2), (2, 2), (0, 0)]


def pair(placing: Placing, operator: Operator, path: str) -> Kept | None:
    """Guide an operator by the pooling at `path`, later. None for a blind operator.

    An operator that pools in its own way takes the place of the pooling; for others the pooling stays.
    """
    pooling = placing.network.get_submodule(path)
    replaces = halves(pooling) and pools_itself(operator)
    kept = Kept(path, guidance=replaces)
    if replaces:
        if path in placing.poolings:
            raise ModelError(f"{path} is paired with two upsamplings, and {placing.name!r} pools for one only")
        placing.poolings.add(path)
        indices = bool(getattr(pooling, "return_indices", False))
        placing.later(partial(put, placing.network, path, OperatedPooling(operator, kept, indices=indices)))
    elif not placing.blind:
        placing.later(partial(pooling.register_forward_pre_hook, kept.keep_input))
    return None if placing.blind else kept


def put(network: nn.Module, path: str, module: nn.Module) -> None:
    """Put a module at a path."""
    parent, _, name = path.rpartition(".")
    setattr(network.get_submodule(parent), name, module)
