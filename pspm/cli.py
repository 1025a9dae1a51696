"""`pspm count` and `pspm operators`. They import torch only when they run."""

import argparse
import json
from typing import Any, NamedTuple

from pspm_runtime.errors import ModelError, PspmError
from pspm_runtime.extras import needs_extra
from pspm_runtime.tables import aligned_table, markdown_table


def add_count(subcommands: Any) -> None:
    """Add `pspm count`: count parameters and multiply-adds as the thesis does."""
    parser = subcommands.add_parser("count", help="count parameters and GFLOPs of networks as the thesis does")
    parser.add_argument(
        "networks",
        nargs="*",
        metavar="NETWORK",
        help="names such as b5, or segnet of another task (docs/tasks.md); default: all for matting",
    )
    parser.add_argument(
        "--operator", metavar="NAME", help="count them with this pooling and upsampling operator (docs/operators.md)"
    )
    parser.add_argument("--size", type=int, default=224, help="height and width of the input in pixels (default 224)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_count)


def add_operators(subcommands: Any) -> None:
    """Add `pspm operators`: list the pooling and upsampling operators with parameters and multiply-adds."""
    parser = subcommands.add_parser("operators", help="list the pooling and upsampling operators and their cost")
    parser.add_argument(
        "--channels", type=int, default=64, help="number of channels of the upsampled feature (default 64)"
    )
    parser.add_argument(
        "--families", action="store_true", help="what they add to the networks of other libraries (extra operators)"
    )
    parser.set_defaults(run=_operators)


def _operators(args: argparse.Namespace) -> int:
    if args.families:
        return _families()
    with needs_extra("train"):
        from pspm.operators import OPERATORS, operators
        from pspm.operators.complexity import complexity

    if args.channels < 1:
        raise PspmError(f"--channels must be at least 1, not {args.channels}")
    rows = [[f"operator, {args.channels} channels", "parameters", "multiply-adds for each position"]]
    for name in OPERATORS:
        cost = complexity(operators(name)(args.channels), args.channels)
        rows.append([f"`{name}`", f"{cost.parameters:,}", f"{round(cost.madds):,}"])
    print(markdown_table(rows))
    return 0


def _families() -> int:
    with needs_extra("operators"):
        import segmentation_models_pytorch  # noqa: F401
        import torchvision  # noqa: F401
        import transformers  # noqa: F401

        from pspm.operators.replacement.published.increments import increments_table

    print(markdown_table(increments_table()))
    return 0


def _count(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from pspm.counting import count
        from pspm.networks import NETWORKS, OPERATED

    names = args.networks or (OPERATED if args.operator else NETWORKS)
    if args.operator:
        names = [f"{name}+{args.operator}" for name in names]
    networks = {name: _counted(name) for name in names}
    multiple = max(network.multiple for network in networks.values())
    if args.size < multiple or args.size % multiple:
        nearest = max(multiple, round(args.size / multiple) * multiple)
        raise PspmError(f"--size must be a multiple of {multiple}, not {args.size}; the nearest is {nearest}")
    counts = {name: count(each.network, args.size, each.channels) for name, each in networks.items()}
    if args.json:
        rows = [
            {"network": name, "parameters": c.parameters, "macs": c.macs, "gflops": c.gflops, "size": args.size}
            for name, c in counts.items()
        ]
        print(json.dumps(rows, indent=2))
    else:
        header = [f"at {args.size} x {args.size}", "parameters", "multiply-adds", "GFLOPs"]
        lines = [[name, str(c.parameters), str(c.macs), f"{c.gflops:.3f}"] for name, c in counts.items()]
        print(aligned_table([header, *lines]))
    return 0


class _Counted(NamedTuple):
    """A network, the channels of its input, and what the sides of the input must be multiples of."""

    network: Any
    channels: int
    multiple: int


def _counted(name: str) -> _Counted:
    """A network for matting or for another task. Raises ModelError for an unknown name."""
    import torch

    from pspm.networks import build
    from pspm.tasks.networks import TASK_NETWORKS
    from pspm.tasks.networks import build as build_for_task

    try:
        if entry := TASK_NETWORKS.get(name.partition("+")[0]):
            with torch.device("meta"):  # they may be large, and no weight is needed
                return _Counted(build_for_task(name), entry.channels, entry.multiple)
        network = build(name)
    except ValueError as error:
        tasks = "" if "+" in name or name in TASK_NETWORKS else f"; for other tasks {', '.join(TASK_NETWORKS)}"
        raise ModelError(f"{error}{tasks}") from None
    return _Counted(network, 3, network.MULTIPLE)
