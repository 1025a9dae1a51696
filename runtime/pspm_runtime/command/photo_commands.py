"""The commands for photos: alpha, cutout, background, blur, models, bench."""

import argparse
import json
from pathlib import Path
from typing import Any

from pspm_runtime.benchmark.protocol import ROUNDS
from pspm_runtime.bundle import DEFAULT_MODEL, TRIMAP_MODEL, open_bundle, shipped
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
from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.extras import needs_extra
from pspm_runtime.looks.quality import DEFAULT_QUALITY


def add_photo_commands(subcommands: Any) -> None:
    """Add the commands for photos."""
    alpha = _add_effect(subcommands, "alpha", "write the alpha matte of a photo", ".png", _apply_alpha)
    cutout = _add_effect(
        subcommands, "cutout", "cut the person out, with transparency", ".png", _apply_alpha, transparent=True
    )
    for parser in (alpha, cutout):
        parser.add_argument(
            "--alpha-bits",
            type=int,
            choices=(8, 16),
            default=8,
            help="bits of the matte's levels; 16 for PNG and TIFF only (default 8)",
        )
    background = _add_effect(
        subcommands, "background", "put the person in front of another background", ".jpg", _background
    )
    background.add_argument(
        "--with", dest="background", required=True, metavar="PICTURE|#RRGGBB", help="a picture or a colour"
    )
    blur = _add_effect(subcommands, "blur", "blur the background as a lens does", ".jpg", _blur)
    blur.add_argument("--strength", type=float, default=0.5, help="from 0 to 1 (default 0.5)")
    _add_models(subcommands)
    _add_bench(subcommands)


def _add_models(subcommands: Any) -> None:
    models = subcommands.add_parser("models", help="list the shipped models")
    models.add_argument("--json", action="store_true", help="print JSON")
    models.set_defaults(run=_models)


def _add_bench(subcommands: Any) -> None:
    bench = subcommands.add_parser("bench", help="measure speed, memory and size on this machine")
    add_model_options(bench, default=DEFAULT_MODEL, choice=f"default {DEFAULT_MODEL}")
    add_quality(bench)
    add_device(bench)
    bench.set_defaults(quality=None)  # photos and videos have different ones
    bench.add_argument("--megapixels", type=float, default=12, help="size of the test photo (default 12)")
    bench.add_argument("--rounds", type=int, default=5, help="number of rounds; the median counts (default 5)")
    bench.add_argument(
        "--video",
        action="store_true",
        help="measure the stages of a video at 720 and 1080 lines instead, with quality fast unless another is given "
        "(needs the extra video)",
    )
    bench.add_argument(
        "--frames", type=int, default=ROUNDS, help=f"rounds of each effect of a frame (default {ROUNDS})"
    )
    bench.add_argument("--sustained", action="store_true", help="also run each effect for a minute without a pause")
    bench.add_argument("--json", action="store_true", help="print JSON")
    bench.add_argument(
        "--compare",
        nargs="+",
        type=Path,
        metavar="JSON",
        help="measure nothing; compare results of this command and of the demo apps",
    )
    bench.add_argument("--plot", type=Path, metavar="SVG", help="with --compare: also write a plot")
    bench.add_argument("--force", action="store_true", help="replace an existing plot")
    bench.set_defaults(run=_bench)


def _add_effect(
    subcommands: Any, name: str, description: str, suffix: str, apply: Any, *, transparent: bool = False
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subcommands.add_parser(
        name,
        help=description,
        description=f"{description[0].upper()}{description[1:]}. "
        "For a folder, every photo in it is processed, and the results keep its structure. "
        f"In a folder, photo.jpg gives photo{suffix}; a photo with any other suffix keeps it, photo.jpeg gives "
        f"photo.jpeg{suffix}.",
    )
    parser.add_argument(
        "photos",
        nargs="+",
        metavar="PHOTO",
        help="a photo, a folder of photos, a pattern such as '*.png', or - for standard input",
    )
    parser.add_argument(
        "-o",
        "--out",
        required=True,
        help="a file, a folder, or - for standard output; the suffix sets the format. Several photos need a folder",
    )
    add_model_options(
        parser, default=None, choice=f"default {DEFAULT_MODEL}, or {TRIMAP_MODEL} for a photo with a trimap"
    )
    add_device(parser)
    add_quality(parser)
    parser.add_argument(
        "--trimap",
        help="a picture of the photo's size that is black (0) where the background is known, white (255) where the "
        "foreground is, and grey (128) where the model decides",
    )
    parser.add_argument("--force", action="store_true", help="replace existing results; never replaces an input")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="for a folder: skip photos whose results were made from the same photo with the same model and options",
    )
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="for a folder: number of processes (default 1)"
    )
    parser.add_argument(
        "--shard",
        metavar="K/N",
        help="for a folder: process the K-th of N parts of the photos, as array jobs of a cluster do",
    )
    add_result_options(parser, suffix=suffix[1:])
    parser.add_argument("--json", action="store_true", help="print written and failed files as JSON")
    parser.add_argument("--json-lines", action="store_true", help="print one line of JSON per photo, when it is done")
    parser.add_argument("--quiet", action="store_true", help="print failures only: no progress bar and no numbers")
    parser.set_defaults(run=apply, command=name, suffix=suffix, transparent=transparent, answers_signals=True)
    return parser


def _apply(args: argparse.Namespace, **options: Any) -> int:
    # Imported here, because --help does not need them.
    from pspm_runtime.command.batch.order import PIPE, Order
    from pspm_runtime.command.batch.run import run

    if args.json and args.json_lines:
        raise OutputError("--json and --json-lines both use standard output; give one of them")
    if (args.json or args.json_lines) and args.out == PIPE:
        raise OutputError("--json and -o - both use standard output; write the result to a file")
    if args.jobs < 1:
        raise PspmError("--jobs must be at least 1")
    order = Order(
        photos=[home_expanded(photo) for photo in args.photos],
        effect=effect_of(args, args.command, trimap=args.trimap, **options),
        out=home_expanded(args.out),
        force=args.force,
        resume=args.resume,
        processes=args.jobs,
        shard=args.shard,
        style=style_of(args),
        transparent=args.transparent,
        **format_of(args, args.suffix),
    )
    return run(order)


def _apply_alpha(args: argparse.Namespace) -> int:
    return _apply(args, alpha_bits=args.alpha_bits)


def _background(args: argparse.Namespace) -> int:
    return _apply(args, background=args.background)


def _blur(args: argparse.Namespace) -> int:
    return _apply(args, strength=args.strength)


def _models(args: argparse.Namespace) -> int:
    bundles = [open_bundle(name) for name in shipped()]
    if args.json:
        print(json.dumps([bundle.facts for bundle in bundles], indent=2))
        return 0
    for bundle in bundles:
        default = " (default)" if bundle.name == DEFAULT_MODEL else ""
        print(f"{bundle.name}{default}: {bundle.model.stat().st_size / 1e6:.1f} MB, sha256 {bundle.sha256[:16]}...")
        print(f"  licence: {bundle.facts['licence']}")
        print(f"  trained on: {bundle.facts['data']}")
    return 0


def _bench(args: argparse.Namespace) -> int:
    # Imported here, because --help does not need them.
    if args.compare:
        from pspm_runtime.benchmark.compare import compare

        return compare(args.compare, args.plot, force=args.force)
    if args.plot:
        raise OutputError("--plot needs results to compare; name them with --compare a.json b.json")
    if args.video:
        with needs_extra("video"):
            import av  # noqa: F401
        from pspm_runtime.benchmark.video import bench_video

        return bench_video(
            args.model, args.threads, args.rounds, args.quality or "fast", args.device, as_json=args.json
        )
    from pspm_runtime.benchmark.protocol import SUSTAINED_SECONDS
    from pspm_runtime.benchmark.report import bench

    return bench(
        args.model,
        args.threads,
        args.megapixels,
        args.rounds,
        args.quality or DEFAULT_QUALITY,
        args.frames,
        SUSTAINED_SECONDS if args.sustained else 0,
        args.device,
        as_json=args.json,
    )
