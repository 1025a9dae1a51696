"""Write the constants of the stages for every language, from `stages.toml`.

python runtime/pspm_runtime/spec/constants_files.py [REPOSITORY]

These files are in the repository because each package builds alone, with the tools of its language. A test fails where
one of them is not what this module writes. It imports nothing of the package, whose modules need the constants.
"""

import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

LANGUAGES = "python", "kotlin", "swift", "web", "metal"
TYPES = "int", "float32", "float64"
NOTE = "`make constants` writes this file from runtime/pspm_runtime/spec/stages.toml."
# In Metal the constants stand between these lines.
FIRST, LAST = "// Constants of the stages: `make constants` writes them.\n", "// End of the constants of the stages.\n"


@dataclass(frozen=True)
class Constant:
    """A constant of a stage.

    values: the value by language, a number or a fraction such as "4/255". kind: `int`, `float32` or `float64`.
    """

    name: str
    values: dict[str, str]
    kind: str
    stage: str
    about: str


@lru_cache(maxsize=1)
def constants() -> tuple[Constant, ...]:
    """The constants in `stages.toml`. Raises ValueError for an entry that it does not know."""
    entries = tomllib.loads(Path(__file__).with_name("stages.toml").read_text())["constants"]
    found = []
    for name, entry in entries.items():
        value, kind = entry.pop("value"), entry.pop("type")
        given = value if isinstance(value, dict) else dict.fromkeys(entry.pop("languages"), value)
        values = {language: str(number) for language, number in given.items()}
        whole = all(Fraction(text).denominator == 1 for text in values.values())
        if kind not in TYPES or not set(values) <= set(LANGUAGES) or (kind == "int" and not whole):
            raise ValueError(f"stages.toml: {name} has an unknown type or language, or is no {kind}")
        found.append(Constant(name, values, kind, entry.pop("stage"), entry.pop("about")))
        if entry:
            raise ValueError(f"stages.toml: {name} has unknown entries: {', '.join(entry)}")
    return tuple(found)


def constants_files(repository: Path) -> dict[Path, str]:
    """The content of every file with constants, by its path in the repository.

    Of Metal's, only what is between two marks is written here: a shader file includes no other.
    """
    shaders = repository / "ios_demo/PortraitMatting/Sources/PortraitMatting/Shaders.metal"
    return {
        repository / "runtime/pspm_runtime/constants.py": _python(),
        repository / "android_demo/matting/src/main/kotlin/pspm/matting/stages/Constants.kt": _kotlin(),
        repository / "ios_demo/PortraitMatting/Sources/MattingCore/Stages/Constants.swift": _swift(),
        repository / "web_demo/src/constants.ts": _typescript(),
        shaders: _between_marks(shaders.read_text(), _metal()),
    }


def _python() -> str:
    def value(text: str, kind: str) -> str:
        number = _quotient(text, kind, ".0", "")
        return f"np.float32({number})" if kind == "float32" else number

    head = f'"""Constants of the stages. {NOTE}"""\n\nimport numpy as np\n\n'
    return head + _lines("python", "# {about}\n{name} = {value}\n", value)


def _kotlin() -> str:
    def value(text: str, kind: str) -> str:
        return _quotient(text, kind, "", "f") if kind == "float32" else _quotient(text, kind, ".0", "")

    head = f"package pspm.matting.stages\n\n// Constants of the stages. {NOTE}\n\n"
    return head + _lines("kotlin", "/** {about} */\ninternal const val {name} = {value}\n", value, "\n")


def _swift() -> str:
    kinds = {"int": "Int", "float32": "Float", "float64": "Double"}

    def value(text: str, kind: str) -> str:
        return f"{kinds[kind]} = {_quotient(text, kind, '.0', '')}"

    head = f"/// Constants of the stages. {NOTE}\npackage enum StageConstants {{\n"
    form = "    /// {about}\n    package static let {camel}: {value}\n"
    return head + _lines("swift", form, value) + "}\n"


def _typescript() -> str:
    head = f"/**\n * Constants of the stages; the shaders see them under the same names.\n *\n * {NOTE}\n */\n\n"
    form = "/** {about} */\nexport const {name} = {value};\n"
    return head + _lines("web", form, lambda text, kind: _quotient(text, kind, "", ""), "\n")


def _metal() -> str:
    kinds = {"int": "int", "float32": "float", "float64": "float"}
    form = "// {about}\nconstant {kind} {name} = {value};\n"
    return _lines("metal", form, lambda text, kind: _quotient(text, kind, ".0", "f"), kinds=kinds)


def _lines(
    language: str,
    form: str,
    value: Callable[[str, str], str],
    between: str = "",
    kinds: dict[str, str] | None = None,
) -> str:
    """Every constant of a language in a form, with its own name, or in camelCase."""
    return between.join(
        form.format(
            about=constant.about,
            name=constant.name,
            camel=_camel(constant.name),
            value=value(constant.values[language], constant.kind),
            kind=(kinds or {}).get(constant.kind, constant.kind),
        )
        for constant in constants()
        if language in constant.values
    )


def _quotient(text: str, kind: str, fraction: str, suffix: str) -> str:
    """A value as an expression. fraction: behind a whole number that is no `int`. suffix: of every such number."""
    if kind == "int":
        return text
    return " / ".join(number + (fraction if number.isdigit() else "") + suffix for number in text.split("/"))


def _camel(name: str) -> str:
    first, *others = name.lower().split("_")
    return first + "".join(other.capitalize() for other in others)


def _between_marks(text: str, lines: str) -> str:
    before, rest = text.split(FIRST)
    after = rest.split(LAST)[1]
    return f"{before}{FIRST}{lines}{LAST}{after}"


def main() -> int:
    """Write the files into a repository, by default the one that this file is in."""
    repository = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[3]
    for path, content in constants_files(repository).items():
        if not path.is_file() or path.read_text() != content:
            path.write_text(content)
            print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
