"""Titled groups of subcommands in `pspm --help`, which argparse lacks."""

import argparse
import textwrap
from typing import Any

NAME_WIDTH, LINE_WIDTH = 13, 92


class CommandGroup:
    """Adds subcommands to a parser and lists them under one title.

    subcommands: of `ArgumentParser.add_subparsers`. extra: what the next commands need beyond a plain install, or None.
    """

    def __init__(self, subcommands: Any, title: str) -> None:
        self._subcommands = subcommands
        self._title = title
        self._lines: list[str] = []
        self.extra: str | None = None

    def add_parser(self, name: str, **options: Any) -> argparse.ArgumentParser:
        """Add a subcommand, with the options of `ArgumentParser`; `help`, if any, goes into the list."""
        # Without `help` argparse leaves the command out of its own list.
        text = options.pop("help", None)
        parser: argparse.ArgumentParser = self._subcommands.add_parser(name, **options)
        if text:
            needs = f" [{self.extra}]" if self.extra else ""
            first, indent = f"  {name:<{NAME_WIDTH}}", " " * (2 + NAME_WIDTH)
            self._lines.append(textwrap.fill(text + needs, LINE_WIDTH, initial_indent=first, subsequent_indent=indent))
        return parser

    def find(self, name: str) -> argparse.ArgumentParser | None:
        """The subcommand of this name, of this group or another one."""
        found: argparse.ArgumentParser | None = self._subcommands.choices.get(name)
        return found

    def __str__(self) -> str:
        return "\n".join([f"{self._title}:", *self._lines])
