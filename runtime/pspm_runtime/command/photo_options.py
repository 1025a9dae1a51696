"""Options that all commands for photos have, and what they mean."""

import argparse
import os
from typing import Any

from pspm_runtime.bundle import default_model_name
from pspm_runtime.constants import QUALITY
from pspm_runtime.engines.devices import DEVICES
from pspm_runtime.files.photo import MAX_MEGAPIXELS
from pspm_runtime.looks.quality import DEFAULT_QUALITY, QUALITIES


def add_model_options(parser: argparse.ArgumentParser, *, default: str | None, choice: str) -> None:
    """Add the options for the model and its threads. choice: what the help says about the default."""
    parser.add_argument("--model", default=default, help=f"a shipped model or the folder of a bundle ({choice})")
    parser.add_argument("--threads", type=int, default=None, help="threads for the network (default: one per core)")


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add the option for what runs the network."""
    parser.add_argument(
        "--device",
        choices=DEVICES,
        default="auto",
        help="what runs the network (default auto: the CPU, unless the package of ONNX Runtime for CUDA, DirectML or "
        "OpenVINO is installed)",
    )


def add_quality(parser: argparse.ArgumentParser) -> None:
    """Add the option for the time that a matte may take."""
    parser.add_argument(
        "--quality",
        choices=QUALITIES,
        default=DEFAULT_QUALITY,
        help="fast looks at the photo, and closer at small people; balanced also finds tiny people and turned photos "
        "and looks again at the softest part, in about twice the time; best looks twice more at all soft parts "
        "and at the mirrored photo, in five to six times the time; "
        "with a trimap, best takes twice the time of the others, which are alike "
        f"(default {DEFAULT_QUALITY})",
    )


def add_result_options(parser: argparse.ArgumentParser, *, suffix: str) -> None:
    """Add the options for what a result is like. suffix: what the help says about the default format."""
    parser.add_argument("--require-person", action="store_true", help="fail on photos without a person")
    parser.add_argument(
        "--format",
        choices=("png", "webp", "jpg", "tif", "avif", "jxl", "gif"),
        help=f"for folders and standard output: the format of the results (default {suffix})",
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


def _margin(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a margin; before a photo, write --crop 0") from None


def effect_of(args: argparse.Namespace, name: str, *, trimap: str | None = None, **options: Any) -> Any:
    """The `Effect` of this name with the options that were given."""
    from pspm_runtime.command.effect import Effect

    if options.get("background"):
        options["background"] = home_expanded(options["background"])
    return Effect(
        name,
        home_expanded(args.model or default_model_name(with_trimap=trimap is not None)),
        args.threads,
        args.max_megapixels,
        trimap=home_expanded(trimap) if trimap else None,
        require_person=args.require_person,
        crop=args.crop,
        quality=args.quality,
        device=args.device,
        **options,
    )


def format_of(args: argparse.Namespace, suffix: str) -> dict[str, Any]:
    """What `Order` knows of the format of results. suffix: of the effect's usual format."""
    return {
        "suffix": f".{args.format}" if args.format else suffix,
        "chosen": bool(args.format),
        "quality": args.jpeg_quality,
        "metadata": args.keep_metadata,
        "gps": args.keep_gps,
        "frames": args.frames,
    }


def home_expanded(path: str) -> str:
    """A path with the home in place of ~, which shells leave as it is within quotes and after --out=."""
    return path if not path.startswith("~") or os.path.lexists(path) else os.path.expanduser(path)  # noqa: PTH111


def style_of(args: argparse.Namespace) -> Any:
    """How the account is printed."""
    from pspm_runtime.command.batch.account import Style

    if args.json:
        return Style.JSON
    if args.json_lines:
        return Style.JSON_LINES
    return Style.QUIET if args.quiet else Style.TEXT
