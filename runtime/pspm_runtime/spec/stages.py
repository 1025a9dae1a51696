"""The specification of the stages, `stages.toml`: who runs them, and how far a platform may differ from Python."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pspm_runtime.package_files import packaged


@dataclass(frozen=True)
class Tolerance:
    """What a platform's results are allowed: mean and largest error, as shares of the range.

    excused: why the platform does not run the stage; empty if it does. why: why its tolerance is its own.
    """

    mean: float
    largest: float
    excused: str = ""
    why: str = ""


@dataclass(frozen=True)
class Stage:
    """A stage. range: the full range of its outputs. platforms: by name, all of the specification's."""

    name: str
    inputs: str
    outputs: str
    about: str
    python: str
    range: float
    platforms: dict[str, Tolerance]


@dataclass(frozen=True)
class Specification:
    """All stages. platforms: names and titles."""

    platforms: dict[str, str]
    stages: tuple[Stage, ...]


@lru_cache(maxsize=1)
def specification() -> Specification:
    """Read `stages.toml`. Raises ValueError for an entry that it does not know."""
    content = tomllib.loads(packaged("spec/stages.toml").read_text())
    platforms: dict[str, str] = content["platforms"]
    return Specification(
        platforms,
        tuple(_stage(name, entry, platforms) for name, entry in content["stages"].items()),
    )


def _stage(name: str, entry: dict[str, Any], platforms: dict[str, str]) -> Stage:
    own = {platform: entry.pop(platform, {}) for platform in platforms}
    common = {
        "mean": float(entry.pop("mean")),
        "largest": float(entry.pop("largest")),
        "excused": entry.pop("excused", ""),
    }
    stage = Stage(
        name,
        entry.pop("inputs"),
        entry.pop("outputs"),
        entry.pop("about"),
        entry.pop("python"),
        float(entry.pop("range")),
        {platform: Tolerance(**{**common, **differences}) for platform, differences in own.items()},
    )
    if entry:
        raise ValueError(f"stages.toml: the stage {name} has unknown entries: {', '.join(entry)}")
    return stage
