"""The command `pspm evaluate`. Its heavy imports happen only when it runs."""

import argparse
import json
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pspm_runtime.bundle import DEFAULT_MODEL, TRIMAP_MODEL
from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.extras import needs_extra
from pspm_runtime.looks.quality import QUALITIES

from pspm.command_errors import command_errors
from pspm.evaluation.video.kinds import KINDS as CLIP_KINDS

# In pixels: as narrow as a careful trimap, and as wide as a careless one.
TRIMAP_DILATIONS = (5, 10, 20, 40)

if TYPE_CHECKING:
    from pspm.evaluation.candidate import Candidate
    from pspm.evaluation.datasets import Case


def add_evaluate(subcommands: Any) -> None:
    """Add the command `pspm evaluate`."""
    parser = subcommands.add_parser(
        "evaluate",
        help="measure errors, size and latency of models",
        description="Measure the errors of one or several models on pictures with true mattes, their size and latency.",
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        help="a shipped model, the folder of a bundle, or an ONNX file beside its manifest; repeatable",
    )
    parser.add_argument(
        "--checkpoint", action="append", default=[], type=Path, metavar="FILE", help="a training checkpoint; repeatable"
    )
    parser.add_argument(
        "--network",
        action="append",
        default=[],
        metavar="NAME",
        help="network of each --checkpoint; overrides the name stored in it",
    )
    parser.add_argument(
        "--closed-form", action="store_true", help="also evaluate closed-form matting with the true trimap (slow)"
    )
    parser.add_argument(
        "--closed-form-without-trimap",
        action="store_true",
        help="also evaluate closed-form matting without a trimap, whose mattes are black (A4 of the thesis)",
    )
    parser.add_argument(
        "--dilation",
        type=_dilation,
        default=None,
        metavar="N|N-M",
        help="radius of the unknown region in pixels, or a range to draw each picture's from, such as 11-20 "
        "(default 10); trimaps and errors follow it",
    )
    parser.add_argument(
        "--trimaps",
        action="store_true",
        help=f"a table for each of the dilations {', '.join(map(str, TRIMAP_DILATIONS))}; without --model and "
        f"--checkpoint, of {TRIMAP_MODEL} and, without a trimap, {DEFAULT_MODEL}",
    )
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="data folder with portraits/ and cutouts/, or any folder of pictures with mattes",
    )
    parser.add_argument(
        "--set",
        action="append",
        dest="sets",
        default=[],
        metavar="NAME",
        help="use only this set of the data folder, such as cutouts; repeatable (default: all)",
    )
    parser.add_argument(
        "--limit", type=int, default=None, metavar="N", help="use only the first N pictures of each set"
    )
    parser.add_argument("--threads", type=int, default=None, help="threads per network (default: one per core)")
    parser.add_argument(
        "--quality",
        choices=QUALITIES,
        default="fast",
        help="how much time a matte may take; fast runs each network once (default fast)",
    )
    parser.add_argument(
        "--flicker", action="store_true", help="also measure how much mattes change when photos change slightly"
    )
    parser.add_argument(
        "--predictions",
        action="append",
        default=[],
        type=_named_folder,
        metavar="NAME=FOLDER",
        help="also evaluate mattes that another tool saved as FOLDER/NAME.png, of several sets FOLDER/SET/NAME.png; "
        "repeatable",
    )
    parser.add_argument(
        "--save-pictures",
        type=Path,
        metavar="DIR",
        help="evaluate nothing, but write the pictures and true mattes to a new folder, for other tools",
    )
    parser.add_argument(
        "--video",
        action="store_true",
        help="evaluate mattes of videos instead: clips that are made of the data folder's cut-outs and backgrounds, "
        "frame by frame and with the filters for files and for live video",
    )
    parser.add_argument(
        "--clips", type=int, default=10, metavar="N", help="with --video: clips of each kind (default 10)"
    )
    parser.add_argument(
        "--clip-kind",
        action="append",
        choices=CLIP_KINDS,
        metavar="KIND",
        help=f"with --video: kind of clips, {', '.join(CLIP_KINDS[:-1])} or {CLIP_KINDS[-1]}; repeatable (default all)",
    )
    parser.add_argument("--frames", type=int, default=30, metavar="N", help="with --video: frames a clip (default 30)")
    parser.add_argument(
        "--strip",
        type=Path,
        metavar="FILE",
        help="with --video: also draw frames of a moving clip with their mattes, as a picture",
    )
    parser.add_argument(
        "--groups", action="store_true", help="also report errors by softness of the outline and size of the person"
    )
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write an HTML page with plots and the worst pictures"
    )
    parser.add_argument("--json", action="store_true", help="print JSON (docs/evaluation.md)")
    parser.set_defaults(run=_evaluate)


def _dilation(text: str) -> tuple[int, int]:
    """Read "10" or "11-20"."""
    smallest, dash, largest = text.partition("-")
    if not dash:
        largest = smallest
    if not (smallest.isdecimal() and largest.isdecimal()) or int(smallest) > int(largest):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a radius; write one in pixels, like 10, or a range, like 11-20"
        )
    return int(smallest), int(largest)


def _named_folder(text: str) -> tuple[str, Path]:
    """Read "modnet=mattes/"."""
    name, _, folder = text.partition("=")
    if not (name and folder):
        raise argparse.ArgumentTypeError(f"{text!r} does not name a folder; write NAME=FOLDER, like modnet=mattes/")
    return name, Path(folder)


def _evaluate_video(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from pspm.evaluation.video.previous_matte import clip_model
        from pspm.evaluation.video.run import as_table, evaluate_clips
        from pspm.evaluation.video.strip import strip
        from pspm.scenes.cast import find_backgrounds, find_cutouts, without_cut_off
    from pspm_runtime.files.save import write
    from pspm_runtime.model import Model

    for option, least in (("clips", 1), ("frames", 2)):
        if getattr(args, option) < least:
            raise PspmError(f"--{option} must be at least {least}, not {getattr(args, option)}")
    if args.closed_form or args.closed_form_without_trimap or args.predictions:
        raise PspmError("--video evaluates models and checkpoints only; name them with --model and --checkpoint")
    if args.strip and args.strip.suffix.lower() != ".png":
        raise OutputError(f"{args.strip}: the strip is a PNG; give a name that ends in .png")
    _check_networks(args)
    named = args.model or ([] if args.checkpoint else [DEFAULT_MODEL])
    models = {name: Model(name, args.threads, quality=args.quality) for name in named}
    networks = args.network or [None] * len(args.checkpoint)
    for checkpoint, network in zip(args.checkpoint, networks, strict=True):
        models[str(checkpoint)] = clip_model(checkpoint, network, args.threads, args.quality)
    with command_errors():
        people, backgrounds = without_cut_off(find_cutouts(args.data)), find_backgrounds(args.data)
        results = {
            name: evaluate_clips(
                model, people, backgrounds, args.clips, args.frames, kinds=args.clip_kind or CLIP_KINDS
            )
            for name, model in models.items()
        }
        picture = strip(models, people, backgrounds) if args.strip else None
    print(json.dumps(results, indent=2) if args.json else as_table(results))
    if picture is not None:
        buffer = BytesIO()
        picture.save(buffer, "PNG")
        write(buffer.getvalue(), args.strip, force=True)
    return 0


def _evaluate(args: argparse.Namespace) -> int:
    if args.video:
        return _evaluate_video(args)
    if args.strip:
        raise PspmError("--strip draws a clip; give --video too")
    with needs_extra("train"):
        from pspm.evaluation.datasets import find_cases
        from pspm.evaluation.reports.html import as_html
        from pspm.evaluation.reports.text import as_json, as_text
        from pspm.evaluation.run import DILATION, evaluate
    from pspm_runtime.files.save import write

    _check(args)
    dilations = [(radius, radius) for radius in TRIMAP_DILATIONS] if args.trimaps else [args.dilation or DILATION]
    with command_errors():
        sets = _choose(find_cases(args.data, args.limit), args.sets)
        if args.save_pictures:
            return _save_pictures(sets, args.save_pictures)
        candidates = [*_candidates(args), *_saved_candidates(args, sets)]
        results = [
            evaluate(
                candidates,
                sets,
                with_flicker=args.flicker,
                with_groups=args.groups,
                dilation=dilation,
                quality=args.quality,
            )
            for dilation in dilations
        ]
    if args.json:
        found = [as_json(result) for result in results]
        print(json.dumps(found if args.trimaps else found[0], indent=2))
    else:
        print("\n\n".join(as_text(result) for result in results))
    if args.html:
        write(as_html(results[0]).encode(), args.html, force=True)
    return 0


def _check_networks(args: argparse.Namespace) -> None:
    if args.network and len(args.network) != len(args.checkpoint):
        raise PspmError(
            f"--network was given {len(args.network)} times but --checkpoint {len(args.checkpoint)} times; "
            "give one network for each checkpoint, or none"
        )


def _check(args: argparse.Namespace) -> None:
    """Check the options before the long evaluation starts."""
    _check_networks(args)
    if args.limit is not None and args.limit < 1:
        raise PspmError(f"--limit {args.limit}: --limit must be at least 1")
    if args.html and args.html.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"{args.html}: the page must be an .html file")
    if args.trimaps and (args.dilation or args.html):
        option = "--dilation" if args.dilation else "--html"
        raise PspmError(f"--trimaps prints a table for each of its dilations; leave out {option}")
    names = [name for name, _ in args.predictions]
    for name in names:
        if names.count(name) > 1 or name in (*args.model, *map(str, args.checkpoint)):
            raise PspmError(f"two rows would be called {name}; give --predictions another name")
    out = args.save_pictures
    if out and (out.is_file() or (out.is_dir() and any(out.iterdir()))):
        raise OutputError(f"{out} exists already; give --save-pictures a new folder")


def _save_pictures(sets: dict[str, list["Case"]], out: Path) -> int:
    from pspm.evaluation.saved.pictures import save_pictures

    with command_errors(out):
        save_pictures(sets, out)
    for name, cases in sets.items():
        print(f"{out / name}: {len(cases)}")
    return 0


def _saved_candidates(args: argparse.Namespace, sets: dict[str, list["Case"]]) -> list["Candidate"]:
    from pspm.evaluation.saved.mattes import SavedMattes, saved_candidate

    limited = args.limit is not None
    return [saved_candidate(name, SavedMattes.find(folder, sets, limited=limited)) for name, folder in args.predictions]


def _choose(sets: dict[str, list["Case"]], names: list[str]) -> dict[str, list["Case"]]:
    """The sets of these names; all without names. Raises PspmError for a name that no set has."""
    for name in names:
        if name not in sets:
            raise PspmError(f"--set {name}: the data folder has no such set; choose from {', '.join(sets)}")
    return {name: cases for name, cases in sets.items() if not names or name in names}


def _candidates(args: argparse.Namespace) -> list["Candidate"]:
    """Models, checkpoints, then closed-form matting, without repetitions; the default model if none are given."""
    from pspm.evaluation.candidate import (
        bundle_candidate,
        checkpoint_candidate,
        closed_form_candidate,
        closed_form_without_trimap_candidate,
    )

    others = args.checkpoint or args.closed_form or args.closed_form_without_trimap or args.predictions
    if args.trimaps:
        models = args.model or ([] if args.checkpoint else [TRIMAP_MODEL, DEFAULT_MODEL])
    else:
        models = args.model or ([] if others else [DEFAULT_MODEL])
    candidates = [bundle_candidate(model, args.threads, args.quality) for model in dict.fromkeys(models)]
    networks = args.network or [None] * len(args.checkpoint)
    for checkpoint, network in dict(zip(args.checkpoint, networks, strict=True)).items():
        candidates.append(checkpoint_candidate(checkpoint, network, args.threads, args.quality))
    if args.closed_form:
        candidates.append(closed_form_candidate())
    if args.closed_form_without_trimap:
        candidates.append(closed_form_without_trimap_candidate())
    return candidates
