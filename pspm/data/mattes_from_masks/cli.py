"""The command `pspm prepare`. Its heavy imports happen only when it runs."""

import argparse
import json
import os
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.extras import needs_extra

DESCRIPTION = """Make soft mattes from hard masks by closed-form matting in a band around each mask's edge.

MASKS is a folder with image/ and mask/. The command writes OUT/image/ and OUT/alpha/, which `pspm train` reads.
Existing mattes are kept: give the same command again to resume an interrupted run."""


def add_prepare(subcommands: Any) -> None:
    """Add the command `pspm prepare`."""
    parser = subcommands.add_parser(
        "prepare",
        help="make soft mattes for training from hard masks",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("masks", type=Path, metavar="MASKS", help="folder with image/ and mask/")
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="OUT", help="output folder; gets image/ and alpha/"
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="images to process in parallel (default: one per core)"
    )
    parser.add_argument("--json", action="store_true", help="print the counts and the failed images as JSON")
    parser.set_defaults(run=_prepare)


def _prepare(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from tqdm import tqdm

        from pspm.data.folders.pairs import list_pairs
        from pspm.data.mattes_from_masks.prepare import Task, prepare

    if args.jobs < 1:
        raise PspmError(f"--jobs {args.jobs}: --jobs must be at least 1")
    if args.out.exists() and not args.out.is_dir():
        raise OutputError(f"{args.out} is a file; give a folder with -o")
    images, masks = args.masks / "image", args.masks / "mask"
    if not (images.is_dir() and masks.is_dir()):
        raise PspmError(f"{args.masks} has no image/ and mask/; give a folder of photos with hard masks")
    try:
        tasks = [Task(pair, args.out) for pair in list_pairs(images, masks, "mask")]
    except FileNotFoundError as error:
        raise PspmError(str(error)) from None

    waiting = [task for task in tasks if not task.matte.exists()]
    failed = []
    try:
        with tqdm(
            total=len(tasks), initial=len(tasks) - len(waiting), unit="picture", disable=args.json or None
        ) as bar:
            for task, fault in prepare(waiting, args.jobs):
                bar.update()
                if fault:
                    failed.append((str(task.pair.image), fault))
    except BrokenProcessPool:
        raise PspmError(
            f"the system killed a process, most likely for lack of memory; use fewer --jobs than {args.jobs}"
        ) from None
    return _report(len(waiting) - len(failed), len(tasks) - len(waiting), sorted(failed), as_json=args.json)


def _report(made: int, kept: int, failed: list[tuple[str, str]], *, as_json: bool) -> int:
    if as_json:
        faults = [{"input": name, "error": error} for name, error in failed]
        print(json.dumps({"made": made, "kept": kept, "failed": faults}, indent=2))
    else:
        print(f"{made} mattes made, {kept} kept from an earlier run, {len(failed)} failed", file=sys.stderr)
        for name, error in failed:
            print(f"pspm: {error}" if name in error else f"pspm: {name}: {error}", file=sys.stderr)
    return 1 if failed else 0
