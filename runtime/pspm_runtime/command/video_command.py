"""The command `pspm video`. Its heavy imports happen only when it runs."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pspm_runtime.bundle import DEFAULT_MODEL
from pspm_runtime.command.photo_options import add_device, home_expanded
from pspm_runtime.command.standard_streams import print_error
from pspm_runtime.command.stop_signals import stop_signals
from pspm_runtime.extras import needs_extra
from pspm_runtime.looks.quality import QUALITIES

if TYPE_CHECKING:
    from pspm_runtime.video.run import Progress

DESCRIPTION = """Cut the person out of a video, or put another background behind, with the video's sound.

The suffix of OUT sets the format. With transparency: .webm (VP9), .mov (ProRes 4444), .mkv (VP9), or a folder for PNG
frames. With --with, --blur, --matte or --layout stacked also .mp4 (H.264).
Every frame keeps its time, and sound, subtitles, chapters and tags are taken along. OUT appears when it is complete.
If the run ends early, what is finished is kept as NAME.unfinished.SUFFIX, which plays; with --resume or --jobs, in the
folder OUT.segments, and the command with --resume continues."""
EXAMPLES = """examples:
  pspm video talk.mp4 -o talk.webm
  pspm video talk.mp4 --with beach.jpg -o out.mp4
  pspm video talk.mp4 --blur 0.5 -o out.mp4
  pspm video talk.mp4 --matte -o matte.mp4
  pspm video film.mp4 -o film.mov --resume --jobs 2
  pspm video talk.mp4 --start 60 --duration 10 -o frames/
"""


def add_video_command(subcommands: Any) -> None:
    """Add the command for videos."""
    parser = subcommands.add_parser(
        "video",
        help="cut a person out of a video, or put another background behind",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("video", metavar="VIDEO", help="a video file")
    parser.add_argument("-o", "--out", required=True, help="a video file, or a folder for PNG frames")
    effects = parser.add_mutually_exclusive_group()
    effects.add_argument(
        "--with",
        dest="background",
        metavar="PICTURE|VIDEO|#RRGGBB",
        help="put a picture, a colour, or another video behind the person; a shorter video begins again",
    )
    effects.add_argument(
        "--blur", type=float, metavar="STRENGTH", help="blur the background as a lens does, from 0 to 1"
    )
    effects.add_argument("--matte", action="store_true", help="write the matte, white where the person is")
    effects.add_argument(
        "--layout",
        choices=("stacked",),
        help="stacked: write the person over black with the matte below, for players without transparency",
    )
    parser.add_argument(
        "--start", type=float, default=0, metavar="SECONDS", help="begin here (default 0); times count from there"
    )
    parser.add_argument("--duration", type=float, metavar="SECONDS", help="stop after so many seconds (default: all)")
    parser.add_argument("--no-sound", action="store_true", help="leave sound and subtitles out")
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help=f"a shipped model or the folder of a bundle (default {DEFAULT_MODEL})"
    )
    parser.add_argument("--threads", type=int, default=None, help="threads for the network (default: one per core)")
    add_device(parser)
    parser.add_argument(
        "--quality",
        choices=QUALITIES,
        default="fast",
        help="how often the network sees a frame, as for photos (default fast: once where one person is large)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="work in segments of 5 seconds; if the run ends early, the same command continues where it stopped",
    )
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="work on N segments at once, each in a process (default 1)"
    )
    parser.add_argument("--force", action="store_true", help="replace an existing result; never replaces an input")
    parser.add_argument("--quiet", action="store_true", help="print failures only: no progress bar and no account")
    parser.set_defaults(run=_video, answers_signals=True)


def _video(args: argparse.Namespace) -> int:
    with needs_extra("video"):
        import av  # noqa: F401

    from pspm_runtime import video
    from pspm_runtime.model import Model
    from pspm_runtime.one_heap import use_one_heap

    use_one_heap()
    with stop_signals(), _Bar(shown=not args.quiet) as bar:
        try:
            outcome = video.process(
                home_expanded(args.video),
                home_expanded(args.out),
                background=args.background and home_expanded(args.background),
                blur=args.blur,
                matte=args.matte,
                stacked=args.layout == "stacked",
                start=args.start,
                duration=args.duration,
                sound=not args.no_sound,
                model=Model(home_expanded(args.model), args.threads, quality=args.quality, device=args.device),
                quality=args.quality,
                force=args.force,
                resume=args.resume,
                jobs=args.jobs,
                progress=bar.show,
            )
        except KeyboardInterrupt as stop:
            for note in getattr(stop, "__notes__", []):
                print_error(f"pspm: {note}")
            raise
    for sentence in outcome.left_out:
        print_error(f"pspm: {sentence}")
    if not args.quiet:
        empty = f", {outcome.empty} without a person" if outcome.empty else ""
        print(f"{Path(outcome.path)}: {outcome.frames} frames{empty}")
    return 0


class _Bar:
    """A progress bar on standard error with the time left and frames per second, if that is a terminal."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown and sys.stderr.isatty()
        self._bar: Any = None

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, progress: "Progress") -> None:
        """Show how far the video is."""
        if not self._shown:
            return
        if self._bar is None:
            # Imported here, because most runs of the command need no progress bar.
            from tqdm import tqdm

            self._bar = tqdm(unit="frame", total=progress.total, dynamic_ncols=True)
        self._bar.update(progress.frames - self._bar.n)
