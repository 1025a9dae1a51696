"""The command `pspm`."""

import argparse
import sys

from pspm_command.early_signals import release_signals

from pspm_runtime.command.command_group import CommandGroup
from pspm_runtime.command.entry_points import add_entry_points
from pspm_runtime.command.job.command import add_batch
from pspm_runtime.command.photo_commands import add_photo_commands
from pspm_runtime.command.standard_streams import (
    discard_standard_output,
    flush_standard_output,
    hide_pillow_warnings,
    open_closed_streams,
    print_error,
)
from pspm_runtime.command.stop_signals import no_signals
from pspm_runtime.command.video_command import add_video_command
from pspm_runtime.command.webcam_command import add_webcam_command
from pspm_runtime.errors import PspmError
from pspm_runtime.package_files import installed_version

DESCRIPTION = "Portrait matting: a photo of a person goes in, a soft alpha matte comes out."
VIDEO_TITLE = "Video (needs, in a clone of PSPM: pip install '.[video]')"
MODELS_TITLE = "Models and services (commands marked [EXTRA] need, in a clone of PSPM: pip install '.[EXTRA]')"
EXAMPLES = """examples:
  pspm alpha photo.jpg -o alpha.png
  pspm cutout photos/ -o out/ --model b5 --resume
  pspm cutout a.jpg b.jpg '*.png' -o out/
  pspm background photo.jpg --with beach.jpg -o out.jpg
  pspm background photo.jpg --with "#20a0ff" -o out.jpg
  pspm blur photo.jpg --strength 0.5 -o out.jpg
  pspm batch photos/ -o out/ --effect cutout --jobs 4
  cat photo.jpg | pspm cutout - -o - > cutout.png
  pspm video talk.mp4 -o talk.webm
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand and return the exit code. A PspmError prints one sentence and gives exit code 1."""
    open_closed_streams()
    hide_pillow_warnings()
    try:
        try:
            refuse_empty(sys.argv[1:] if arguments is None else arguments)
            args = build_parser().parse_args(arguments)
            if not getattr(args, "answers_signals", False):
                release_signals()
            code: int = args.run(args)
        finally:
            flush_standard_output()
    except PspmError as error:
        return _fail(str(error))
    except MemoryError:
        return _fail("there is not enough memory for this photo; make it smaller")
    except BrokenPipeError:
        discard_standard_output()  # the reader of our output has gone
        return 1
    except OSError as error:
        name = "standard output" if error.filename is None else error.filename
        return _fail(f"{name} cannot be used: {error.strerror or error}; choose another name")
    except KeyboardInterrupt as stop:
        with no_signals():
            _fail("interrupted")
        return getattr(stop, "exit_code", 130)
    return code


def refuse_empty(arguments: list[str]) -> None:
    """Raise PspmError for an empty value of any command: as a path it would mean the current folder."""
    for earlier, argument in zip(["", *arguments], arguments, strict=False):
        if argument == "":
            name = earlier if earlier.startswith("-") and earlier != "--" else "an argument"
            raise PspmError(f"{name} is empty; give it a value, or leave it out")
        if argument.startswith("--") and argument.endswith("="):
            raise PspmError(f"{argument[:-1]} is empty; give it a value, or leave it out")


def _fail(message: str) -> int:
    print_error(f"pspm: {message}")
    try:
        flush_standard_output()
    except (PspmError, BrokenPipeError):
        discard_standard_output()
    return 1


def build_parser() -> argparse.ArgumentParser:
    """Build the parser: the commands for photos, then those for models, from the entry points "pspm.commands"."""
    parser = argparse.ArgumentParser(
        prog="pspm",
        usage="pspm [-h] [--version] COMMAND ...",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"pspm {installed_version('pspm')}")
    subcommands = parser.add_subparsers(required=True, metavar="COMMAND", prog="pspm", help=argparse.SUPPRESS)

    photos = CommandGroup(subcommands, "Photos")
    add_photo_commands(photos)
    add_batch(photos)
    video = CommandGroup(subcommands, VIDEO_TITLE)
    add_video_command(video)
    add_webcam_command(video)
    models = CommandGroup(subcommands, MODELS_TITLE)
    add_entry_points(models)
    parser.description = f"{DESCRIPTION}\n\n{photos}\n\n{video}\n\n{models}"
    return parser


if __name__ == "__main__":
    sys.exit(main())
