"""`pspm evaluate`; what it needs is only imported when it runs."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.extras import needs_extra

if TYPE_CHECKING:
    from pspm.evaluation.candidate import Subject


def add_evaluate(subcommands: Any) -> None:
    """Add `pspm evaluate`: errors of models against a folder of true mattes."""
    parser = subcommands.add_parser(
        "evaluate",
        help="errors, size and speed of models against true mattes",
        description="Errors, size and speed of one or several models on pictures with true mattes.",
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        help="a shipped model, the folder of a bundle, or an ONNX file beside its manifest; may be repeated",
    )
    parser.add_argument(
        "--checkpoint", action="append", default=[], type=Path, metavar="FILE", help="a training checkpoint; repeatable"
    )
    parser.add_argument(
        "--network",
        action="append",
        default=[],
        metavar="NAME",
        help="the network of each --checkpoint, if not its own",
    )
    parser.add_argument(
        "--closed-form", action="store_true", help="also closed-form matting with the true trimap (slow)"
    )
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="the data folder, with portraits/ and cutouts/, or any folder of pictures with mattes",
    )
    parser.add_argument("--limit", type=int, default=None, metavar="N", help="only the first N pictures of each set")
    parser.add_argument("--threads", type=int, default=None, help="threads of a network (default: one a core)")
    parser.add_argument("--flicker", action="store_true", help="also how mattes of slightly changed photos differ")
    parser.add_argument("--groups", action="store_true", help="also errors by face tone, outline, pose and size")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with plots and the worst pictures")
    parser.add_argument("--json", action="store_true", help="print JSON, see docs/evaluation.md")
    parser.set_defaults(run=_evaluate)


def _evaluate(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from pspm.evaluation.datasets import find_cases
        from pspm.evaluation.groups.faces import can_find_faces
        from pspm.evaluation.reports.html import as_html
        from pspm.evaluation.reports.text import as_json, as_text
        from pspm.evaluation.run import evaluate
    from pspm_runtime.files.save import write

    _check(args)
    if args.groups and not can_find_faces():
        print(
            "pspm: no groups by face tone and pose: OpenCV 5 finds no faces; pip install 'opencv-python-headless<5'",
            file=sys.stderr,
        )
    try:
        sets = find_cases(args.data, args.limit)
        result = evaluate(_subjects(args), sets, with_flicker=args.flicker, with_groups=args.groups)
    except (FileNotFoundError, ValueError) as error:
        raise PspmError(str(error)) from None
    if args.html:
        write(as_html(result).encode(), args.html, force=True)
    print(json.dumps(as_json(result), indent=2) if args.json else as_text(result))
    return 0


def _check(args: argparse.Namespace) -> None:
    """Complain before the hours of work, not after."""
    if args.network and len(args.network) != len(args.checkpoint):
        raise PspmError(
            f"--network was given {len(args.network)} times and --checkpoint {len(args.checkpoint)} times; "
            "name one network for each checkpoint, or none"
        )
    if args.limit is not None and args.limit < 1:
        raise PspmError(f"--limit {args.limit} leaves no picture; give 1 or more")
    if args.html and args.html.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"{args.html} would be a web page; let its name end in .html")


def _subjects(args: argparse.Namespace) -> list["Subject"]:
    """Each subject once, in the order models, checkpoints, closed form; the default model where none is given."""
    from pspm_runtime import DEFAULT_MODEL

    from pspm.evaluation.candidate import bundle_subject, checkpoint_subject, closed_form_subject

    models = args.model or ([] if args.checkpoint or args.closed_form else [DEFAULT_MODEL])
    subjects = [bundle_subject(model, args.threads) for model in dict.fromkeys(models)]
    networks = args.network or [None] * len(args.checkpoint)
    for checkpoint, network in dict(zip(args.checkpoint, networks, strict=True)).items():
        subjects.append(checkpoint_subject(checkpoint, network, args.threads))
    return subjects + ([closed_form_subject()] if args.closed_form else [])
