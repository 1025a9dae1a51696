"""The commands for photos: alpha, cutout, background, blur, models, bench."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from pspm_runtime.bundle import DEFAULT_MODEL, TRIMAP_MODEL, default_model_name, open_bundle, shipped
from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.extras import needs_extra
from pspm_runtime.files.photo import MAX_MEGAPIXELS
from pspm_runtime.files.save import QUALITY
from pspm_runtime.looks.quality import DEFAULT_QUALITY, QUALITIES


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
    _add_model_options(bench, default=DEFAULT_MODEL, choice=f"default {DEFAULT_MODEL}")
    _add_quality(bench)
    bench.set_defaults(quality=None)  # photos and videos have different ones
    bench.add_argument("--megapixels", type=float, default=12, help="size of the test photo (default 12)")
    bench.add_argument("--rounds", type=int, default=5, help="number of rounds; the median counts (default 5)")
    bench.add_argument(
        "--video",
        action="store_true",
        help="measure the stages of a video at 720 and 1080 lines instead, with quality fast unless another is given "
        "(needs the extra video)",
    )
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


def _add_model_options(parser: argparse.ArgumentParser, *, default: str | None, choice: str) -> None:
    parser.add_argument("--model", default=default, help=f"a shipped model or the folder of a bundle ({choice})")
    parser.add_argument("--threads", type=int, default=None, help="threads for the network (default: one per core)")


def _add_quality(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--quality",
        choices=QUALITIES,
        default=DEFAULT_QUALITY,
        help="fast looks at the photo, and closer at small people; balanced also finds tiny people and turned photos "
        "and looks again at the softest part, in about twice the time; best looks twice more at all soft parts "
        "and at the mirrored photo, in five to six times the time; "
        f"changes nothing for a photo with a trimap and for models of a fixed size (default {DEFAULT_QUALITY})",
    )


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
    _add_model_options(
        parser, default=None, choice=f"default {DEFAULT_MODEL}, or {TRIMAP_MODEL} for a photo with a trimap"
    )
    _add_quality(parser)
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
    parser.add_argument("--require-person", action="store_true", help="fail on photos without a person")
    parser.add_argument(
        "--format",
        choices=("png", "webp", "jpg", "tif", "avif", "jxl", "gif"),
        help=f"for folders and standard output: the format of the results (default {suffix[1:]})",
    )
    parser.add_argument(
        "--jpeg-quality",
        type=int,
        metavar="1..100",
        help=f"of JPEG, WebP, AVIF and JPEG XL results (default {QUALITY})",
    )
    parser.add_argument(
        "--crop",
        type=_margin,
        nargs="?",
        const=0.0,
        metavar="MARGIN",
        help="crop results to the person, with a margin as a share of its longer side, such as 0.1 (default 0)",
    )
    parser.add_argument(
        "--keep-metadata",
        action="store_true",
        help="keep the photo's date, camera, exposure, author, copyright, description and resolution (default: none)",
    )
    parser.add_argument(
        "--frames",
        action="store_true",
        help="process all frames of an animation or pages of a file: to an animated .webp, .png or .gif, or, from one "
        "photo to a folder, to numbered files (default: only the first one)",
    )
    parser.add_argument("--keep-gps", action="store_true", help="as --keep-metadata, and keep the place too")
    parser.add_argument(
        "--max-megapixels",
        type=float,
        default=MAX_MEGAPIXELS,
        help=f"refuse larger photos, to guard against decompression bombs (default {MAX_MEGAPIXELS:g})",
    )
    parser.add_argument("--json", action="store_true", help="print written and failed files as JSON")
    parser.add_argument("--json-lines", action="store_true", help="print one line of JSON per photo, when it is done")
    parser.add_argument("--quiet", action="store_true", help="print failures only: no progress bar and no numbers")
    parser.set_defaults(run=apply, command=name, suffix=suffix, transparent=transparent, answers_signals=True)
    return parser


def _margin(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a margin; before a photo, write --crop 0") from None


def _apply(args: argparse.Namespace, **options: Any) -> int:
    # Imported here, because --help does not need them.
    from pspm_runtime.command.batch.planning.order import PIPE, Order
    from pspm_runtime.command.batch.run import run
    from pspm_runtime.command.effect import Effect

    if args.json and args.json_lines:
        raise OutputError("--json and --json-lines both use standard output; give one of them")
    if (args.json or args.json_lines) and args.out == PIPE:
        raise OutputError("--json and -o - both use standard output; write the result to a file")
    if args.jobs < 1:
        raise PspmError("--jobs must be at least 1")
    if options.get("background"):
        options["background"] = home_expanded(options["background"])
    effect = Effect(
        args.command,
        home_expanded(args.model or default_model_name(with_trimap=args.trimap is not None)),
        args.threads,
        args.max_megapixels,
        trimap=home_expanded(args.trimap) if args.trimap else None,
        require_person=args.require_person,
        crop=args.crop,
        quality=args.quality,
        **options,
    )
    order = Order(
        photos=[home_expanded(photo) for photo in args.photos],
        effect=effect,
        out=home_expanded(args.out),
        suffix=f".{args.format}" if args.format else args.suffix,
        chosen=bool(args.format),
        quality=args.jpeg_quality,
        metadata=args.keep_metadata,
        gps=args.keep_gps,
        frames=args.frames,
        transparent=args.transparent,
        force=args.force,
        resume=args.resume,
        processes=args.jobs,
        shard=args.shard,
        style=_style(args),
    )
    return run(order)


def home_expanded(path: str) -> str:
    """A path with the home in place of ~, which shells leave as it is within quotes and after --out=."""
    return path if not path.startswith("~") or os.path.lexists(path) else os.path.expanduser(path)  # noqa: PTH111


def _style(args: argparse.Namespace) -> Any:
    from pspm_runtime.command.batch.account import Style

    if args.json:
        return Style.JSON
    if args.json_lines:
        return Style.JSON_LINES
    return Style.QUIET if args.quiet else Style.TEXT


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

        return bench_video(args.model, args.threads, args.rounds, args.quality or "fast", as_json=args.json)
    from pspm_runtime.benchmark.report import bench

    return bench(
        args.model, args.threads, args.megapixels, args.rounds, args.quality or DEFAULT_QUALITY, as_json=args.json
    )
