"""`pspm count` and `pspm operators`; torch is only imported when they run."""

import argparse
import json
from typing import Any

from pspm_runtime.errors import ModelError, PspmError
from pspm_runtime.extras import needs_extra


def add_count(subcommands: Any) -> None:
    """Add `pspm count`: parameters and multiply-adds as the thesis counts them."""
    parser = subcommands.add_parser("count", help="parameters and GFLOPs of a network, counted as the thesis does")
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help="names such as b5; all when left out")
    parser.add_argument(
        "--operator", metavar="NAME", help="count them with this pooling and upsampling (docs/operators.md)"
    )
    parser.add_argument("--size", type=int, default=224, help="height and width of the input (default 224)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_count)


def add_operators(subcommands: Any) -> None:
    """Add `pspm operators`: the poolings and upsamplings that a network can have, and what they cost."""
    parser = subcommands.add_parser("operators", help="the pooling and upsampling operators, and what each costs")
    parser.add_argument("--channels", type=int, default=64, help="of the feature that is upsampled (default 64)")
    parser.set_defaults(run=_operators)


def _operators(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from pspm.operators import OPERATORS, operators
        from pspm.operators.complexity import complexity

    if args.channels < 1:
        raise PspmError(f"--channels {args.channels} is no feature; give 1 or more")
    print(f"| operator, {args.channels} channels | parameters | multiply-adds for each position |\n| --- | --- | --- |")
    for name in OPERATORS:
        found = complexity(operators(name)(args.channels), args.channels)
        print(f"| `{name}` | {found.parameters:,} | {round(found.madds):,} |")
    return 0


def _count(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from pspm.counting import count
        from pspm.networks import NETWORKS, OPERATED, build

    names = args.networks or (OPERATED if args.operator else NETWORKS)
    if args.operator:
        names = [f"{name}+{args.operator}" for name in names]
    try:
        networks = {name: build(name) for name in names}
    except ValueError as error:
        raise ModelError(str(error)) from None
    multiple = max(network.MULTIPLE for network in networks.values())
    if args.size < multiple or args.size % multiple:
        good = max(multiple, round(args.size / multiple) * multiple)
        raise PspmError(f"a size of {args.size} does not divide by {multiple}; the nearest good one is {good}")
    counts = {name: count(network, args.size) for name, network in networks.items()}
    if args.json:
        rows = [
            {"network": name, "parameters": c.parameters, "macs": c.macs, "gflops": c.gflops, "size": args.size}
            for name, c in counts.items()
        ]
        print(json.dumps(rows, indent=2))
    else:
        width = max(10, *(len(name) + 1 for name in counts))
        print(
            f"{'network':<{width}}{'parameters':>12}{'multiply-adds':>18}{'GFLOPs':>10}   at {args.size} x {args.size}"
        )
        for name, c in counts.items():
            print(f"{name:<{width}}{c.parameters:>12}{c.macs:>18}{c.gflops:>10.3f}")
    return 0
