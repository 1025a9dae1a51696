"""Add the commands that packages declare as entry points "pspm.commands". One that fails costs only itself."""

import argparse
from importlib.metadata import EntryPoint, entry_points

from pspm_runtime.command.command_group import CommandGroup
from pspm_runtime.errors import PspmError

GROUP = "pspm.commands"
# The extra that the commands of each of our packages need.
EXTRAS = {"pspm": "train", "pspm_export": "export", "pspm_runtime": None}


def add_entry_points(group: CommandGroup) -> None:
    """Add every declared command, by name. One that cannot be added is listed, and says why when it is called.

    One whose package is not there is not listed: a frozen program has only the packages that it needs.
    """
    for entry in _declared():
        if group.find(entry.name):  # no package replaces a command of ours
            continue
        group.extra = EXTRAS.get(entry.module.partition(".")[0])
        try:
            entry.load()(group)
        except (Exception, SystemExit) as error:  # the code of another package may raise anything
            group.extra = None
            _add_broken(group, entry, error)


def _declared() -> list[EntryPoint]:
    try:
        found = {entry.name: entry for entry in entry_points(group=GROUP)}
    except Exception:  # damaged metadata of any package
        return []
    return [found[name] for name in sorted(found)]


def _add_broken(group: CommandGroup, entry: EntryPoint, error: BaseException) -> None:
    """Add a command that only says why it cannot run, or make the half of it that was added say so."""
    missing = isinstance(error, ModuleNotFoundError) and f"{entry.module}.".startswith(f"{error.name}.")
    reason = " ".join(str(error).split()) or type(error).__name__
    message = f"the command {entry.name} cannot be loaded ({reason}); install {entry.module} again"
    if missing:
        message = f"the command {entry.name} needs {entry.module}, which is not installed here; install it"

    def fail(args: argparse.Namespace) -> int:
        raise PspmError(message)

    parser = group.find(entry.name)
    if parser is None:
        # With a prefix that cannot be typed, all that follows the command is ignored, options too.
        text = None if missing else "cannot be loaded"
        parser = group.add_parser(entry.name, help=text, prefix_chars="\0", add_help=False)
        parser.add_argument("ignored", nargs="*")
    parser.set_defaults(run=fail)
