"""The command `pspm webcam`. Its heavy imports happen only when it runs."""

import argparse
import re
from contextlib import ExitStack
from typing import Any

from pspm_runtime.bundle import DEFAULT_MODEL
from pspm_runtime.command.photo_options import add_device, home_expanded
from pspm_runtime.errors import PspmError
from pspm_runtime.extras import needs_extra
from pspm_runtime.looks.quality import QUALITIES

DESCRIPTION = """Show what a camera sees with a blurred or another background, in a window.

Escape, Q or Ctrl-C end it. With --virtual-camera other programs can choose the result as a camera; that needs
pyvirtualcam (pip install pyvirtualcam) and, on Linux, the module v4l2loopback, elsewhere OBS.
Only the newest frame is worked on, so the picture does not lag behind on a slow machine; it shows fewer frames."""
EXAMPLES = """examples:
  pspm webcam
  pspm webcam --with beach.jpg
  pspm webcam --with "#20a0ff" --virtual-camera --no-window
"""


def add_webcam_command(subcommands: Any) -> None:
    """Add the command for webcams."""
    parser = subcommands.add_parser(
        "webcam",
        help="show a camera with another background",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    effects = parser.add_mutually_exclusive_group()
    effects.add_argument(
        "--with",
        dest="background",
        metavar="PICTURE|VIDEO|#RRGGBB",
        help="put a picture, a video or a colour behind the person",
    )
    effects.add_argument(
        "--blur",
        type=float,
        nargs="?",
        const=0.5,
        metavar="STRENGTH",
        help="blur the background, from 0 to 1 (default: 0.5, unless --with is given)",
    )
    parser.add_argument(
        "--camera", default="0", metavar="N", help="number or name of the camera, or a video file (default 0)"
    )
    parser.add_argument(
        "--size", type=_size, default=(640, 480), metavar="WxH", help="what to ask the camera for (default 640x480)"
    )
    parser.add_argument("--virtual-camera", action="store_true", help="be a camera for other programs, too")
    parser.add_argument("--no-window", action="store_true", help="show no window; with --virtual-camera")
    parser.add_argument("--duration", type=float, metavar="SECONDS", help="end after so many seconds")
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help=f"a shipped model or the folder of a bundle (default {DEFAULT_MODEL})"
    )
    parser.add_argument("--threads", type=int, default=None, help="threads for the network (default: one per core)")
    add_device(parser)
    parser.add_argument(
        "--quality", choices=QUALITIES, default="fast", help="how often the network sees a frame (default fast)"
    )
    parser.add_argument("--quiet", action="store_true", help="print no account")
    parser.set_defaults(run=_webcam, answers_signals=True)


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write it as 640x480")
    return int(match[1]), int(match[2])


def _webcam(args: argparse.Namespace) -> int:
    if args.no_window and not args.virtual_camera:
        raise PspmError("--no-window shows nothing at all; add --virtual-camera, or leave it out")
    with needs_extra("video"):
        import av  # noqa: F401

    from pspm_runtime.model import Model
    from pspm_runtime.video.matting import video_model
    from pspm_runtime.video.order import seconds_of
    from pspm_runtime.webcam.camera import Camera
    from pspm_runtime.webcam.effect import LiveEffect
    from pspm_runtime.webcam.live import show_live
    from pspm_runtime.webcam.screen import Screen, VirtualCamera, Window

    duration = None if args.duration is None else float(seconds_of(args.duration, "--duration", least=0.001))
    with ExitStack() as opened:
        background = args.background and home_expanded(args.background)
        effect = LiveEffect(background, args.blur)
        opened.callback(effect.close)
        model = video_model(
            Model(home_expanded(args.model), args.threads, quality=args.quality, device=args.device), args.quality
        )
        camera = Camera(home_expanded(args.camera), args.size)
        screens: list[Screen] = []
        if not args.no_window:
            screens.append(Window("PSPM"))
            opened.callback(screens[-1].close)
        if args.virtual_camera:
            screens.append(VirtualCamera())
            opened.callback(screens[-1].close)
        seen = show_live(camera, model, effect, screens, duration=duration)
    if not args.quiet:
        rate = seen.frames / seen.seconds if seen.seconds else 0.0
        print(f"{camera.name}: {seen.frames} frames shown, {rate:.1f} a second; {seen.dropped} dropped")
    return 0
