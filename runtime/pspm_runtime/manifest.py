"""Check the values of a manifest that decide how a network is run, without jsonschema.

`manifest.schema.json` describes the whole manifest. The functions raise ValueError with the reason.
"""

import math
import re
from typing import Any

from pspm_runtime.stages.network_view import InputSize

FORMATS = ("onnx", "tflite", "coreml")
LONGEST_SIDE = 16384
SIZE_KEYS = {"side", "multiple", "longest", "sizes", "overlap", "enlarge_to"}
SMALLEST_STD, LARGEST_NUMBER = 1e-4, 1e4


def read_text(facts: dict[str, Any], key: str) -> str:
    """A text of at least one character."""
    value = facts[key]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} must be a text, not {_shown(value)}")
    return value


def read_file_name(facts: dict[str, Any]) -> str:
    """The name of the model file: relative, without "..", drives and NUL."""
    name = read_text(facts, "file")
    if re.search(r"[\\:\0]", name) or name.startswith("/") or {"", ".", ".."} & set(name.split("/")):
        raise ValueError(f"file must name a file in the bundle's folder, not {_shown(name)}")
    return name


def read_format(facts: dict[str, Any]) -> str:
    """One of `FORMATS`, ONNX if the manifest names none."""
    name = facts.get("format", "onnx")
    if name not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, not {_shown(name)}")
    return str(name)


def read_sha256(facts: dict[str, Any]) -> str:
    """64 hexadecimal digits."""
    value = facts["sha256"]
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ValueError(f"sha256 must be 64 hexadecimal digits, not {_shown(value)}")
    return value


def read_channels(entry: dict[str, Any], key: str) -> tuple[float, float, float]:
    """Three finite numbers; those of `std` are positive."""
    values = entry[key]
    least = SMALLEST_STD if key == "std" else -LARGEST_NUMBER
    if not isinstance(values, list) or len(values) != 3 or not all(_is_number(v, least) for v in values):
        raise ValueError(f"{key} must be three numbers from {least:g} to {LARGEST_NUMBER:g}, not {_shown(values)}")
    red, green, blue = map(float, values)
    return red, green, blue


def read_size_rule(entry: dict[str, Any]) -> InputSize:
    """The size rule of the views: whole numbers of pixels, from 1 to `LONGEST_SIDE`."""
    rule = entry["size"]
    if not isinstance(rule, dict) or not rule.keys() <= SIZE_KEYS:
        raise ValueError(f"size must have the keys side, multiple and longest, not {_shown(rule)}")
    side, multiple, longest = (_pixels(rule, key) for key in ("side", "multiple", "longest"))
    if longest < multiple:
        raise ValueError(f"longest must be at least multiple, not {longest}")
    sizes = rule.get("sizes", [])
    if not isinstance(sizes, list) or ("sizes" in rule and not sizes):
        raise ValueError(f"sizes must be a list of widths and heights, not {_shown(sizes)}")
    for size in sizes:
        if not isinstance(size, dict) or size.keys() != {"width", "height"}:
            raise ValueError(f"sizes must be a list of widths and heights, not {_shown(sizes)}")
    listed = tuple((_pixels(s, "width"), _pixels(s, "height")) for s in sizes)
    overlap = _pixels(rule, "overlap") if "overlap" in rule else 0
    if overlap > min(side, *(min(size) for size in listed)) // 2 if listed else overlap > side // 2:
        raise ValueError(f"overlap must be at most half a side, not {overlap}")
    enlarge_to = _pixels(rule, "enlarge_to") if "enlarge_to" in rule else 0
    if enlarge_to and not overlap:
        raise ValueError("enlarge_to is for networks that look at tiles, but size has no overlap")
    return InputSize(side, multiple, longest, listed, overlap, enlarge_to)


def read_trimap_name(facts: dict[str, Any]) -> str | None:
    """The name of the second input of a network that takes a trimap, else None."""
    return read_text(facts["trimap"], "name") if "trimap" in facts else None


def _pixels(entry: dict[str, Any], key: str) -> int:
    value = entry[key]
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LONGEST_SIDE:
        raise ValueError(f"{key} must be a whole number from 1 to {LONGEST_SIDE}, not {_shown(value)}")
    return value


def _is_number(value: object, least: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and least <= value <= LARGEST_NUMBER


def _shown(value: object) -> str:
    return repr(value)[:60]
