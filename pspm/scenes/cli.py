"""The command `pspm scenes`. Its heavy imports happen only when it runs."""

import argparse
from pathlib import Path
from typing import Any

from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.extras import needs_extra

from pspm.command_errors import command_errors

HEIGHTS = (900, 600, 450, 300, 200, 150)
# The longest side of a scene, in pixels.
LONGEST = 20_000


def add_scenes(subcommands: Any) -> None:
    """Add the command `pspm scenes`."""
    parser = subcommands.add_parser(
        "scenes",
        help="make hard photos with known alpha out of cut-outs and backgrounds",
        description="Write sets of hard photos with their alphas for pspm evaluate: small people, turned photos, "
        "night, photos of nobody. The same seed gives the same scenes (docs/hard-photos.md).",
    )
    parser.add_argument(
        "--cutouts",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder of cut-outs, with transparency or in colour/ and alpha/; of a data folder the held-out ones",
    )
    parser.add_argument(
        "--backgrounds",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder of pictures without people; of a data folder the held-out ones",
    )
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="new folder, one set in each part")
    parser.add_argument(
        "--kinds",
        nargs="+",
        default=["small"],
        metavar="KIND",
        help="small, group, turned, row, night, jpeg5, thumbnail, backlight, empty, or all (default small)",
    )
    parser.add_argument(
        "--size",
        type=_size,
        default=(3000, 2000),
        metavar="WxH",
        help="of photos with small people (default 3000x2000)",
    )
    parser.add_argument(
        "--heights",
        nargs="+",
        type=int,
        default=list(HEIGHTS),
        metavar="PX",
        help=f"heights of small people (default {' '.join(map(str, HEIGHTS))})",
    )
    parser.add_argument(
        "--people",
        nargs="+",
        type=int,
        default=[1],
        metavar="N",
        help="small people in each scene, in turn (default 1)",
    )
    parser.add_argument("--count", type=int, default=60, metavar="N", help="scenes of each set (default 60)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of all random choices (default 0)")
    parser.add_argument(
        "--training", action="store_true", help="take the training pictures of a data folder, to choose settings with"
    )
    parser.set_defaults(run=_scenes)


def _size(text: str) -> tuple[int, int]:
    """Read "3000x2000"."""
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and 1 <= min(int(width), int(height)) <= LONGEST):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write width and height in pixels, like 3000x2000")
    if max(int(width), int(height)) > LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is too large; no side may be longer than {LONGEST} pixels")
    return int(width), int(height)


def _scenes(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from pspm.scenes.cast import Cast, find_backgrounds, find_cutouts, without_cut_off
        from pspm.scenes.kinds import KINDS, sets_of
        from pspm.scenes.write import write_scenes

    _check(args)
    with command_errors(args.out):
        kinds = list(KINDS) if "all" in args.kinds else list(dict.fromkeys(args.kinds))
        heights = list(dict.fromkeys(args.heights))
        sets = [each for kind in kinds for each in sets_of(kind, args.size, heights, args.people)]
        people = find_cutouts(args.cutouts, training=args.training)
        usable = without_cut_off(people)
        backgrounds = find_backgrounds(args.backgrounds, training=args.training)
        counts = write_scenes(sets, Cast.of(usable, backgrounds, args.seed), args.count, args.out)
    left_out = f" ({len(people) - len(usable)} more are cut off at a side)" if len(usable) < len(people) else ""
    print(f"cut-outs: {len(usable)}{left_out}; backgrounds: {len(backgrounds)}")
    for name, count in counts.items():
        print(f"{args.out / name}: {count}")
    return 0


def _check(args: argparse.Namespace) -> None:
    """Check the options before the long work starts."""
    for option in ("heights", "people"):
        for value in getattr(args, option):
            if value < 1:
                raise PspmError(f"--{option} must be at least 1, not {value}")
    if max(args.heights) > args.size[1]:
        raise PspmError(
            f"a person of {max(args.heights)} pixels does not fit into a scene {args.size[1]} pixels high; "
            "lower --heights, or enlarge --size"
        )
    if args.count < 1:
        raise PspmError(f"--count must be at least 1, not {args.count}")
    if args.seed < 0:
        raise PspmError(f"--seed must be at least 0, not {args.seed}")
    if args.out.exists() and (not args.out.is_dir() or any(args.out.iterdir())):
        raise OutputError(f"{args.out} exists already; give a new folder with -o")
