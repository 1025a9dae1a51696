"""The command `pspm composites`. Its heavy imports happen only when it runs."""

import argparse
from pathlib import Path
from typing import Any

from pspm_runtime.errors import PspmError
from pspm_runtime.extras import needs_extra

from pspm.command_errors import command_errors


def add_composites(subcommands: Any) -> None:
    """Add the command `pspm composites`."""
    parser = subcommands.add_parser(
        "composites",
        help="composite foregrounds over backgrounds as Composition-1k does",
        description="Write fixed composites for pspm evaluate: every foreground over its own backgrounds, in the order "
        "of the lists, with alpha and, if given, trimap. Composites that exist are kept.",
    )
    parser.add_argument("foregrounds", type=Path, metavar="FG", help="folder of foreground colours")
    parser.add_argument("alphas", type=Path, metavar="ALPHA", help="folder of their alphas, under the same names")
    parser.add_argument("backgrounds", type=Path, metavar="BG", help="folder of backgrounds")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder for image/, alpha/ and trimap/")
    parser.add_argument(
        "--each",
        type=int,
        default=20,
        help="backgrounds for each foreground: 20 for tests, 100 for training (default 20)",
    )
    parser.add_argument("--foreground-list", type=Path, metavar="FILE", help="names in FG, one a line (default: all)")
    parser.add_argument("--background-list", type=Path, metavar="FILE", help="names in BG, one a line (default: all)")
    parser.add_argument(
        "--trimaps", type=Path, metavar="FOLDER", help="given trimaps: NAME_0.png, NAME_1.png, ... or NAME.png"
    )
    parser.set_defaults(run=_composites)


def _composites(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from tqdm import tqdm

        from pspm.data.composites.compose import write_composite
        from pspm.data.composites.protocol import listed, plan_composites

    if args.each < 1:
        raise PspmError(f"--each must be at least 1, not {args.each}")
    with command_errors(args.out):
        composites = plan_composites(
            listed(args.foregrounds, args.foreground_list),
            args.alphas,
            listed(args.backgrounds, args.background_list),
            args.each,
            args.trimaps,
        )
        written = sum(write_composite(each, args.out) for each in tqdm(composites, unit="composite", disable=None))
    print(f"{args.out}: {written} written, {len(composites) - written} kept")
    return 0
