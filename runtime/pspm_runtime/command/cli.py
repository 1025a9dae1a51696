"""The command `pspm`."""

import argparse
import json
import os
import sys
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any

from PIL import Image

from pspm_runtime.bundle import DEFAULT_MODEL, open_bundle, shipped
from pspm_runtime.command import batch
from pspm_runtime.errors import OutputError, PhotoError, PspmError
from pspm_runtime.files.background import open_background
from pspm_runtime.files.photo import MAX_MEGAPIXELS, PhotoInput
from pspm_runtime.model import Model
from pspm_runtime.stages.bokeh import check_strength

EXAMPLES = """examples:
  pspm alpha photo.jpg -o alpha.png
  pspm cutout photos/ -o out/ --model b5
  pspm background photo.jpg --with beach.jpg -o out.jpg
  pspm background photo.jpg --with "#20a0ff" -o out.jpg
  pspm blur photo.jpg --strength 0.5 -o out.jpg
  cat photo.jpg | pspm cutout - -o - > cutout.png
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; errors that a user can mend become one sentence and exit code 1."""
    args = build_parser().parse_args(arguments)
    try:
        code: int = args.run(args)
    except PspmError as error:
        print(f"pspm: {error}", file=sys.stderr)
        return 1
    except MemoryError:
        print("pspm: there is not enough memory for this photo; make it smaller", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output has gone; keep Python from complaining about it on the way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"pspm: {error.filename} cannot be used: {error.strerror}; choose another name", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("pspm: interrupted", file=sys.stderr)
        return 130
    return code


def build_parser() -> argparse.ArgumentParser:
    """The runtime's subcommands, and those that other packages add through the entry points "pspm.commands"."""
    parser = argparse.ArgumentParser(
        prog="pspm",
        description="Portrait matting: a photo of a person goes in, a soft alpha matte comes out.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"pspm {version('pspm')}")
    subcommands = parser.add_subparsers(required=True, metavar="COMMAND")

    _add_effect(subcommands, "alpha", "write the matte of a photo", ".png", _alpha)
    _add_effect(subcommands, "cutout", "cut the person out, on transparency", ".png", _cutout, transparent=True)
    background = _add_effect(subcommands, "background", "put the person before another background", ".jpg", _background)
    background.add_argument(
        "--with", dest="background", required=True, metavar="PICTURE|#RRGGBB", help="a picture, or a colour"
    )
    blur = _add_effect(subcommands, "blur", "depth of field: blur the background", ".jpg", _blur)
    blur.add_argument("--strength", type=float, default=0.5, help="from 0 to 1 (default 0.5)")

    models = subcommands.add_parser("models", help="list the models that are shipped")
    models.add_argument("--json", action="store_true", help="print JSON")
    models.set_defaults(run=_models)

    bench = subcommands.add_parser("bench", help="measure speed, memory and size on this machine")
    _add_model_options(bench)
    bench.add_argument("--megapixels", type=float, default=12, help="size of the test photo (default 12)")
    bench.add_argument("--rounds", type=int, default=5, help="rounds, of which the median counts (default 5)")
    bench.add_argument("--json", action="store_true", help="print JSON")
    bench.add_argument(
        "--compare",
        nargs="+",
        type=Path,
        metavar="JSON",
        help="measure nothing; put results of this command and of the demo apps side by side",
    )
    bench.add_argument("--plot", type=Path, metavar="SVG", help="with --compare: draw them, too")
    bench.add_argument("--force", action="store_true", help="replace a plot that exists")
    bench.set_defaults(run=_bench)

    for entry in sorted(entry_points(group="pspm.commands"), key=lambda entry: entry.name):
        entry.load()(subcommands)
    return parser


def _add_model_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help=f"a shipped model or the folder of a bundle (default {DEFAULT_MODEL})"
    )
    parser.add_argument("--threads", type=int, default=None, help="threads of the network (default: one a core)")


def _add_effect(
    subcommands: Any, name: str, description: str, suffix: str, run: Any, *, transparent: bool = False
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subcommands.add_parser(
        name,
        help=description,
        description=f"{description[0].upper()}{description[1:]}. A folder is done photo by photo, its structure kept.",
    )
    parser.add_argument("photo", help="a photo, a folder of photos, or - for standard input")
    parser.add_argument(
        "-o", "--out", required=True, help="a file, a folder, or - for standard output; the suffix sets the format"
    )
    _add_model_options(parser)
    parser.add_argument(
        "--trimap",
        help="for a model that was trained with trimaps: a picture of the photo's size, background 0, unknown 128, "
        "foreground 255",
    )
    parser.add_argument("--force", action="store_true", help="replace results that exist")
    parser.add_argument("--require-person", action="store_true", help="fail on photos without a person")
    parser.add_argument(
        "--max-megapixels",
        type=float,
        default=MAX_MEGAPIXELS,
        help=f"refuse larger photos (default {MAX_MEGAPIXELS:g}), which guards against decompression bombs",
    )
    parser.add_argument("--json", action="store_true", help="print what was written and what failed as JSON")
    parser.set_defaults(run=run, suffix=suffix, transparent=transparent)
    return parser


def _apply(args: argparse.Namespace, make: Any) -> int:
    if args.json and args.out == batch.PIPE:
        raise OutputError("--json and -o - both want standard output; write the result to a file")
    if args.trimap and Path(args.photo).is_dir():
        raise PhotoError(
            f"{args.photo} is a folder, and a trimap belongs to one photo; give the photo of {args.trimap}"
        )
    model = Model(args.model, args.threads, args.max_megapixels)
    order = batch.Order(
        effect=lambda photo: make(model, photo),
        out=args.out,
        suffix=args.suffix,
        transparent=args.transparent,
        force=args.force,
        as_json=args.json,
    )
    return batch.run(args.photo, order)


def _alpha(args: argparse.Namespace) -> int:
    def make(model: Model, photo: PhotoInput) -> Image.Image:
        return model.matte(model.open(photo), **_common(args))

    return _apply(args, make)


def _cutout(args: argparse.Namespace) -> int:
    return _apply(args, lambda model, photo: model.cut_out(photo, **_common(args)))


def _background(args: argparse.Namespace) -> int:
    # Read once for a whole folder, and complained about before the first photo.
    background = open_background(args.background, args.max_megapixels)
    return _apply(args, lambda model, photo: model.replace_background(photo, background, **_common(args)))


def _blur(args: argparse.Namespace) -> int:
    check_strength(args.strength)
    return _apply(args, lambda model, photo: model.blur_background(photo, args.strength, **_common(args)))


def _common(args: argparse.Namespace) -> dict[str, Any]:
    """What every effect of a model takes."""
    return {"trimap": args.trimap, "require_person": args.require_person}


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
    if args.compare:
        from pspm_runtime.benchmark.compare import compare

        return compare(args.compare, args.plot, force=args.force)
    if args.plot:
        raise OutputError("--plot draws what --compare reads; name the results, --compare a.json b.json")
    from pspm_runtime.benchmark.report import bench

    return bench(args.model, args.threads, args.megapixels, args.rounds, as_json=args.json)


if __name__ == "__main__":
    sys.exit(main())
