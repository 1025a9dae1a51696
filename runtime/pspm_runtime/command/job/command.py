"""The command `pspm batch`. What it needs is imported when it runs."""

import argparse
from typing import Any

from pspm_runtime.bundle import DEFAULT_MODEL
from pspm_runtime.command.photo_options import (
    add_device,
    add_model_options,
    add_quality,
    add_result_options,
    effect_of,
    format_of,
    home_expanded,
    style_of,
)
from pspm_runtime.errors import PspmError

EFFECTS = ("alpha", "cutout", "background", "blur")
DESCRIPTION = """Apply an effect to every photo of a folder, a list or an object store, as a job that can go on.

What is done is in ledgers below OUTPUT/_pspm. The same command again does what is left: it opens no photo that is done.
A photo that fails is a line in the manifest, OUTPUT/_pspm/manifest.jsonl (.parquet with pyarrow), and then the
exit code is 1."""
EXAMPLES = """examples:
  pspm batch photos/ -o cutouts/ --effect cutout --jobs 4
  pspm batch list.csv --column file -o mattes/ --effect alpha
  pspm batch s3://bucket/photos -o s3://bucket/cutouts --effect cutout --engine ray --address auto --workers 64
  pspm batch photos/ -o out/ --effect blur --shard 3/16
"""


def add_batch(subcommands: Any) -> None:
    """Add the command for jobs."""
    parser: argparse.ArgumentParser = subcommands.add_parser(
        "batch",
        help="apply an effect to very many photos, as a job that can go on",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("input", metavar="INPUT", help="a folder, a list (.txt, .jsonl, .csv, .parquet), or an address")
    parser.add_argument(
        "-o", "--out", required=True, metavar="OUTPUT", help="a folder, or an address such as s3://b/out"
    )
    parser.add_argument("--effect", required=True, choices=EFFECTS)
    parser.add_argument("--with", dest="background", metavar="PICTURE|#RRGGBB", help="for background: what is behind")
    parser.add_argument("--strength", type=float, help="for blur: from 0 to 1 (default 0.5)")
    parser.add_argument(
        "--alpha-bits", type=int, choices=(8, 16), help="for alpha and cutout: 16 for PNG and TIFF only"
    )
    parser.add_argument("--column", help="of a list: the column of the paths (default path)")
    parser.add_argument(
        "--root", help="of a list: the folder or address where relative paths begin (default: the folder of the list)"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="number of processes (default 1)")
    parser.add_argument(
        "--engine", choices=("local", "ray"), default="local", help="ray: on a Ray cluster [cluster] (default local)"
    )
    parser.add_argument(
        "--address", help="of the Ray cluster, such as auto (default: RAY_ADDRESS, or a cluster on this machine)"
    )
    parser.add_argument("--workers", type=int, metavar="N", help="of Ray (default: one for each core of the cluster)")
    parser.add_argument("--shard", metavar="K/N", help="do the K-th of N parts, as array jobs of a cluster do")
    parser.add_argument("--retry-failed", action="store_true", help="try photos again that failed in an earlier run")
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace results of other photos or options, and files of others; photos that are done stay done",
    )
    parser.add_argument(
        "--key",
        choices=("path", "content"),
        default="path",
        help="path: a photo whose size or time has changed is done again; content: only if its bytes "
        "have (default path)",
    )
    parser.add_argument("--check", action="store_true", help="look for each result, and make it again if it is gone")
    add_model_options(parser, default=None, choice=f"default {DEFAULT_MODEL}")
    add_device(parser)
    add_quality(parser)
    add_result_options(parser, suffix="png, jpg for background and blur")
    parser.add_argument("--json-lines", action="store_true", help="print one line of JSON per photo, when it is done")
    parser.add_argument("--quiet", action="store_true", help="print failures only: no progress bar and no numbers")
    parser.set_defaults(run=_batch, answers_signals=True, json=False)


def _batch(args: argparse.Namespace) -> int:
    from pspm_runtime.command.batch.order import Order
    from pspm_runtime.command.job.order import JobOrder
    from pspm_runtime.command.job.run import run_job

    if args.jobs < 1:
        raise PspmError("--jobs must be at least 1")
    _check_engine(args)
    order = Order(
        photos=[home_expanded(args.input)],
        effect=effect_of(args, args.effect, **_options(args)),
        out=home_expanded(args.out),
        force=args.force,
        resume=True,
        processes=args.jobs,
        shard=args.shard,
        style=style_of(args),
        transparent=args.effect == "cutout",
        **format_of(args, ".jpg" if args.effect in ("background", "blur") else ".png"),
    )
    return run_job(
        JobOrder(
            order,
            column=args.column,
            root=args.root and home_expanded(args.root),
            by_content=args.key == "content",
            retry_failed=args.retry_failed,
            check=args.check,
            engine=args.engine,
            address=args.address,
            workers=args.workers,
        )
    )


def _check_engine(args: argparse.Namespace) -> None:
    if args.engine == "ray" and args.jobs != 1:
        raise PspmError("--jobs is for processes of this machine; with --engine ray, give --workers")
    if args.workers is not None and args.workers < 1:
        raise PspmError("--workers must be at least 1")
    for option in ("address", "workers"):
        if args.engine != "ray" and getattr(args, option) is not None:
            raise PspmError(f"--{option} is for --engine ray; leave it out, or give both")


def _options(args: argparse.Namespace) -> dict[str, Any]:
    """The options of one effect. Raises PspmError for those of another one."""
    of_effects = (
        ("--with", "background", ("background",)),
        ("--strength", "strength", ("blur",)),
        ("--alpha-bits", "alpha_bits", ("alpha", "cutout")),
    )
    options = {}
    for option, name, effects in of_effects:
        if getattr(args, name) is None:
            continue
        if args.effect not in effects:
            raise PspmError(f"{option} is for --effect {' and '.join(effects)}; leave it out for {args.effect}")
        options[name] = getattr(args, name)
    if args.effect == "background" and "background" not in options:
        raise PspmError("--effect background needs --with; give a picture or a colour such as #20a0ff")
    if args.effect == "blur":
        options.setdefault("strength", 0.5)
    return options
