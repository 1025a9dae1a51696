"""The effects of the service and their parameters: those of the commands for photos, read from their parser."""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pspm_runtime.arguments import shown
from pspm_runtime.command.photo_commands import add_photo_commands
from pspm_runtime.errors import PspmError
from pspm_runtime.files.background import parse_colour
from pspm_runtime.files.encoding.encode import FORMATS
from pspm_runtime.server.refusal import Refusal, as_parameters

# Options of the commands that a caller may give. The others are the operator's, or are for files.
SERVED = (
    "quality",
    "trimap",
    "require_person",
    "format",
    "jpeg_quality",
    "crop",
    "keep_metadata",
    "keep_gps",
    "alpha_bits",
    "background",
    "strength",
)
PICTURES = ("background", "trimap")
_YES, _NO = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


@dataclass(frozen=True)
class Parameter:
    """A parameter of an effect.

    name: what callers write. option: the option of the command. choices: all values that it may have, or None.
    """

    name: str
    option: argparse.Action
    choices: tuple[Any, ...] | None

    @property
    def is_flag(self) -> bool:
        """Whether it is true or false."""
        return self.option.nargs == 0

    @property
    def is_picture(self) -> bool:
        """Whether it is a file part of a form."""
        return self.option.dest in PICTURES

    def parse(self, text: str) -> Any:
        """The value of a text. Raises Refusal for one that it cannot have. No text is ever taken for a path."""
        if self.is_flag:
            if text.lower() in (*_YES, *_NO):
                return text.lower() in _YES
            raise self._refused(text, "true or false")
        if self.is_picture:
            return self._colour(text)
        kind: Any = self.option.type or str
        try:
            value = kind(text)
        except (ValueError, argparse.ArgumentTypeError):
            raise self._refused(text, "one of " + self._listed() if self.choices else "a number") from None
        if self.choices and value not in self.choices:
            raise self._refused(text, f"one of {self._listed()}")
        return value

    def _colour(self, text: str) -> str:
        if self.option.dest == "background":
            try:
                if parse_colour(text):
                    return text
            except PspmError as error:
                raise Refusal(400, str(error), "option") from None
            what = "a colour such as #20a0ff, or a picture as a file part of a form"
        else:
            what = "a picture as a file part of a form"
        raise self._refused(text, f"{what}; nothing is fetched or opened by name")

    def _listed(self) -> str:
        return ", ".join(map(str, self.choices or ()))

    def _refused(self, text: str, what: str) -> Refusal:
        return Refusal(400, f"{self.name} must be {what}, not {shown(text)}", "option")


@dataclass(frozen=True)
class ServedEffect:
    """An effect: its command's name, help, usual suffix and whether results are transparent, and its parameters."""

    name: str
    help: str
    suffix: str
    transparent: bool
    parameters: dict[str, Parameter]

    def parse(self, given: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """The values of options by the names of the command's options. Raises Refusal for unknown and repeated ones."""
        values: dict[str, Any] = {}
        for name, text in given:
            parameter = self.parameter(name)
            if parameter.option.dest in values:
                raise Refusal(400, f"{parameter.name} is given twice; give it once", "option")
            values[parameter.option.dest] = parameter.parse(text)
        return values

    def parameter(self, name: str) -> Parameter:
        """The parameter of a name, which may have hyphens. Raises Refusal if there is none."""
        found = self.parameters.get(name.replace("-", "_"))
        if found is None:
            known = ", ".join(self.parameters)
            raise Refusal(400, f"{shown(name)} is no option of {self.name}; it has {known}", "option")
        return found


@cache
def effects() -> dict[str, ServedEffect]:
    """The effects by name."""
    commands = argparse.ArgumentParser().add_subparsers()
    add_photo_commands(commands)
    found: dict[str, argparse.ArgumentParser] = dict(commands.choices)
    return {name: _effect(name, parser) for name, parser in found.items() if parser.get_default("suffix")}


def _effect(name: str, parser: argparse.ArgumentParser) -> ServedEffect:
    options = {option.dest: option for option in parser._actions}
    parameters = [_parameter(options[dest]) for dest in SERVED if dest in options]
    help_text = as_parameters((parser.description or name).partition(". ")[0])
    return ServedEffect(
        name,
        help_text,
        parser.get_default("suffix"),
        parser.get_default("transparent"),
        {parameter.name: parameter for parameter in parameters},
    )


def _parameter(option: argparse.Action) -> Parameter:
    choices = tuple(option.choices) if option.choices else None
    if option.dest == "format" and choices:  # a GIF is for animations only
        choices = tuple(kind for kind in choices if f".{kind}" in FORMATS)
    return Parameter(option.option_strings[0].lstrip("-").replace("-", "_"), option, choices)
