"""Replacement in a network of any kind, by the paths of its modules."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pspm_runtime.errors import ModelError
from torch import Tensor

from pspm.operators.replacement.kept import Kept, OperatedUpsampling
from pspm.operators.replacement.placing import Placing
from pspm.operators.replacement.pooling import halves, is_pooling, pair, put
from pspm.operators.replacement.probe import Call, calls_of
from pspm.operators.replacement.stage import Stage


def place_named(
    placing: Placing, pairs: Mapping[str, str | Sequence[str] | None], example: Tensor | tuple[Any, ...] | None
) -> None:
    """Place the operator at each path. Raises ModelError for a path or a guide that does not fit."""
    if not pairs:
        raise ModelError("pairs names no upsampling; give the path of at least one module that upsamples")
    if example is None:
        raise ModelError("pairs needs an example: one input of the network, to find the shapes of its features")
    guides = {path: _listed(guide) for path, guide in pairs.items()}
    paths = dict.fromkeys([*guides, *(guide for listed in guides.values() for guide in listed)])
    modules = dict(placing.network.named_modules(remove_duplicate=False))
    for path in paths:
        if not path or path not in modules:
            raise ModelError(f"the network has no module {path!r}; named_modules() lists its paths")
    calls = calls_of(placing.network, paths, example)
    for path, listed in guides.items():
        _place(placing, path, listed, calls)


def _place(placing: Placing, path: str, guides: Sequence[str], calls: Mapping[str, Call]) -> None:
    """Replace the upsampling at `path`."""
    steps = _doublings(path, calls[path])
    if len(guides) != steps and not (placing.blind and not guides):
        raise ModelError(
            f"{path} multiplies the size by {2**steps}, so it becomes {steps} doubling{'s' * (steps > 1)} and takes "
            f"as many guides, the coarsest first, not {len(guides)}"
        )
    stages: list[Stage] = []
    kept: list[Kept | None] = []
    for step, guide in enumerate(guides or [None] * steps):
        stage, keeps = _step(placing, path, step, guide, calls)
        stages.append(stage)
        kept.append(keeps)
    placing.later(partial(put, placing.network, path, OperatedUpsampling(stages, kept)))


def _step(
    placing: Placing, path: str, step: int, guide: str | None, calls: Mapping[str, Call]
) -> tuple[Stage, Kept | None]:
    """One doubling, and what keeps its guide; None if it has no guide."""
    where, channels = f"{path}.stages.{step}", calls[path].input[1]
    module = placing.network.get_submodule(guide) if guide else None
    guide_channels = None
    if guide:
        shape = calls[guide].input if is_pooling(module) else calls[guide].output
        _check(path, step, calls[path], guide, calls[guide], shape)
        guide_channels = shape[1]
    operator = placing.operator(where, channels, guide_channels, pooled=halves(module))
    instead_of = type(placing.network.get_submodule(path)).__name__
    stage = Stage(placing.report(operator, where, channels, guide, guide_channels, instead_of), path)
    if guide and is_pooling(module):
        return stage, pair(placing, operator, guide)
    if module is None or placing.blind:
        return stage, None
    kept = Kept(str(guide), guidance=False)
    placing.later(partial(module.register_forward_hook, kept.keep_output))
    return stage, kept


def _listed(guide: str | Sequence[str] | None) -> Sequence[str]:
    if guide is None:
        return ()
    return (guide,) if isinstance(guide, str) else guide


def _doublings(path: str, call: Call) -> int:
    """log2 of the factor by which a module upsamples. Raises ModelError if that is no whole number."""
    (channels, h, w), (channels_out, height, width) = call.input[1:], call.output[1:]
    factor = height // h
    if (factor * h, factor * w) != (height, width) or factor < 2 or factor & (factor - 1):
        raise ModelError(
            f"{path} turns {h} x {w} into {height} x {width}; an operator doubles, so the factor has to be a power of 2"
        )
    if channels != channels_out:
        raise ModelError(
            f"{path} turns {channels} channels into {channels_out}, and an operator keeps them; split it into an "
            "upsampling and a convolution"
        )
    return factor.bit_length() - 1


def _check(path: str, step: int, call: Call, guide: str, source: Call, shape: Sequence[int]) -> None:
    """Raise ModelError unless the guide runs first and is twice as large as what the step doubles."""
    needed = [side * 2 ** (step + 1) for side in call.input[2:]]
    if list(shape[2:]) != needed:
        raise ModelError(
            f"{guide} gives {shape[2]} x {shape[3]}, but doubling {step + 1} of {path} needs a guide of "
            f"{needed[0]} x {needed[1]}"
        )
    if source.order > call.order:
        raise ModelError(f"{guide} runs after {path}, so it cannot guide it")
