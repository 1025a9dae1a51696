"""JSON Schema, so much of it as our schemas use; a word that is not known here is an error."""

import re
from collections.abc import Iterator
from typing import Any

TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "null": type(None)}
NOTES = {"$schema", "$defs", "title", "description", "default", "format"}


def violations(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "manifest") -> Iterator[str]:
    """What is wrong with a value, in words; nothing where it obeys."""
    if "$ref" in schema:
        yield from violations(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, at)
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    for word, rule in schema.items():
        match word:
            case "type":
                kinds = [rule] if isinstance(rule, str) else rule
                if not isinstance(value, tuple(TYPES[kind] for kind in kinds)) or isinstance(value, bool):
                    yield f"{at} is no {' or '.join(kinds)}"
            case "const":
                if value != rule:
                    yield f"{at} is not {rule}"
            case "oneOf":
                if sum(not list(violations(value, one, root, at)) for one in rule) != 1:
                    yield f"{at} obeys none, or several, of {rule}"
            case "prefixItems":
                for i, (item, one) in enumerate(zip(value, rule, strict=False)):
                    yield from violations(item, one, root, f"{at}[{i}]")
            case "exclusiveMinimum":
                if value <= rule:
                    yield f"{at} is not above {rule}"
            case "enum":
                if value not in rule:
                    yield f"{at} is none of {rule}"
            case "required":
                yield from (f"{at} lacks {key}" for key in rule if key not in value)
            case "properties" | "additionalProperties":
                mine = set(value or ()) & set(properties)
                for key in mine if word == "properties" else set(value or ()) - mine:
                    if others is False and key not in properties:
                        yield f"{at} has {key}"
                    else:
                        yield from violations(value[key], properties.get(key, others), root, f"{at}.{key}")
            case "items":
                for i, item in enumerate(value):
                    yield from violations(item, rule, root, f"{at}[{i}]")
            case "minimum" | "maximum":
                if value is not None and (value < rule if word == "minimum" else value > rule):
                    yield f"{at} is beyond {rule}"
            case "minItems" | "minLength":
                if len(value) < rule:
                    yield f"{at} is too short"
            case "maxItems":
                if len(value) > rule:
                    yield f"{at} is too long"
            case "pattern":
                if not re.search(rule, value):
                    yield f"{at} is not {rule}"
            case _:
                if word not in NOTES | {"$ref"}:
                    raise KeyError(word)
