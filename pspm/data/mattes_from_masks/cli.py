"""`pspm prepare`; what it needs is only imported when it runs."""

import argparse
import json
import os
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.extras import needs_extra

DESCRIPTION = """Soft mattes from hard masks, by closed-form matting in a band around each mask's edge.

MASKS holds image/ and mask/; OUT gets image/ and alpha/, which `pspm train` reads. Mattes that are there already are
kept, so a run that was interrupted goes on where it stopped."""


def add_prepare(subcommands: Any) -> None:
    """Add `pspm prepare`: mattes from hard masks."""
    parser = subcommands.add_parser(
        "prepare",
        help="make mattes for training from hard masks",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("masks", type=Path, metavar="MASKS", help="a folder with image/ and mask/")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="the folder for image/ and alpha/")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="pictures at a time (default: one a core)")
    parser.add_argument("--json", action="store_true", help="print what was made, kept and what failed as JSON")
    parser.set_defaults(run=_prepare)


def _prepare(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from tqdm import tqdm

        from pspm.data.folders.pairs import list_pairs
        from pspm.data.mattes_from_masks.prepare import Task, prepare

    if args.jobs < 1:
        raise PspmError(f"--jobs {args.jobs} is none; give 1 or more")
    if args.out.exists() and not args.out.is_dir():
        raise OutputError(f"{args.out} is a file; give a folder with -o")
    images, masks = args.masks / "image", args.masks / "mask"
    if not (images.is_dir() and masks.is_dir()):
        raise PspmError(f"{args.masks} does not hold image/ and mask/; give a folder of photographs with hard masks")
    try:
        tasks = [Task(pair, args.out) for pair in list_pairs(images, masks, "mask")]
    except FileNotFoundError as error:
        raise PspmError(str(error)) from None

    waiting = [task for task in tasks if not task.target.exists()]
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
            f"the system ended a process, most likely for its memory; give fewer --jobs than {args.jobs}"
        ) from None
    return _report(len(waiting) - len(failed), len(tasks) - len(waiting), sorted(failed), as_json=args.json)


def _report(made: int, kept: int, failed: list[tuple[str, str]], *, as_json: bool) -> int:
    if as_json:
        faults = [{"input": name, "error": error} for name, error in failed]
        print(json.dumps({"made": made, "kept": kept, "failed": faults}, indent=2))
    else:
        print(f"{made} mattes made, {kept} kept from before, {len(failed)} failed", file=sys.stderr)
        for name, error in failed:
            print(f"pspm: {error}" if name in error else f"pspm: {name}: {error}", file=sys.stderr)
    return 1 if failed else 0
