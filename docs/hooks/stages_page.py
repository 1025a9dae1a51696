"""Tables of the stages, from runtime/pspm_runtime/spec/stages.toml and from the errors that the platforms' tests found.

python docs/hooks/stages_page.py

collects those errors from the build folders of `make android`, `make ios` and `make web-test` into
docs/stage-errors.json.
The documentation site puts the tables into its pages when it is built.
"""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from pspm_runtime.spec.constants_files import LANGUAGES, Constant, constants
from pspm_runtime.spec.stages import Stage, Tolerance, specification

ROOT = Path(__file__).resolve().parents[2]
MEASURED = ROOT / "docs/stage-errors.json"
# What the tests of a platform leave.
FOUND = {
    "kotlin": ROOT / "android_demo/matting/target/errors.json",
    "swift": ROOT / "ios_demo/.build/test.log",
    "web": ROOT / "web_demo/build/errors.json",
    "metal": ROOT / "ios_demo/.build/metal_errors.json",
}
Errors = dict[str, dict[str, dict[str, float]]]


def errors_table() -> str:
    """Stage by platform: the largest mean error and the largest error of all cases, and what they may be."""
    measured: Errors = json.loads(MEASURED.read_text())
    platforms = specification().platforms
    rows = [_row(["stage", *platforms.values()]), _row(["---", *("---" for _ in platforms)])]
    for stage in specification().stages:
        cells = [_errors(stage.platforms[name], measured.get(name, {}).get(stage.name)) for name in platforms]
        if set(cells) != {""}:
            rows.append(_row([f"`{stage.name}`", *cells]))
    return "\n".join(rows)


def _errors(allowed: Tolerance, found: dict[str, float] | None) -> str:
    if allowed.excused:
        return ""
    if found is None:
        return "not measured"
    return f"{_number(found['mean'])}, {_number(found['largest'])}"


def tolerances_table() -> str:
    """Stage by platform: the allowed mean and largest error; own ones with their reason."""
    rows = [_row(["stage", "mean", "largest", "other tolerances"]), _row(["---"] * 4)]
    for stage in specification().stages:
        own = [
            f"{specification().platforms[name]}: {_number(allowed.mean)}, {_number(allowed.largest)}. {allowed.why}"
            for name, allowed in stage.platforms.items()
            if allowed.why
        ]
        common = _common(stage)
        if common:
            rows.append(_row([f"`{stage.name}`", _number(common.mean), _number(common.largest), " ".join(own)]))
    return "\n".join(rows)


def _common(stage: Stage) -> Tolerance | None:
    """The tolerance of platforms without one of their own; None if every platform has one or is excused."""
    return next((one for one in stage.platforms.values() if not one.excused and not one.why), None)


def stages_table() -> str:
    """What every stage computes, with the inputs and outputs of its test vectors."""
    rows = [_row(["stage", "what it computes", "inputs; parameters", "outputs", "in Python"]), _row(["---"] * 5)]
    stages = specification().stages
    rows += [_row([f"`{one.name}`", one.about, one.inputs, one.outputs, one.python]) for one in stages]
    return "\n".join(rows)


def constants_table() -> str:
    """Every constant, its value, and who has it."""
    rows = [_row(["constant", "value", "stage", "who has it", "what it is"]), _row(["---"] * 5)]
    return "\n".join([*rows, *(_constant(one) for one in constants())])


def _constant(one: Constant) -> str:
    who = "all" if set(one.values) == set(LANGUAGES) else ", ".join(one.values)
    values = ", ".join(dict.fromkeys(one.values.values()))
    return _row([f"`{one.name}`", values, f"`{one.stage}`", who, one.about])


def excuses_table() -> str:
    """Which platform does not run which stage, and why."""
    platforms = specification().platforms
    rows = [_row(["stage", "not run by", "because"]), _row(["---"] * 3)]
    for stage in specification().stages:
        reasons: dict[str, list[str]] = defaultdict(list)
        for name, allowed in stage.platforms.items():
            if allowed.excused:
                reasons[allowed.excused].append(platforms[name])
        for reason, names in reasons.items():
            who = "any platform" if len(names) == len(platforms) else ", ".join(names)
            rows.append(_row([f"`{stage.name}`", who, reason]))
    return "\n".join(rows)


TABLES = {
    "<!-- stage errors -->": errors_table,
    "<!-- stage tolerances -->": tolerances_table,
    "<!-- stages -->": stages_table,
    "<!-- stage constants -->": constants_table,
    "<!-- stage excuses -->": excuses_table,
}


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the tables into pages that have their marks; MkDocs calls this for every page."""
    for mark, table in TABLES.items():
        if mark in markdown:
            markdown = markdown.replace(mark, table())
    return markdown


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(value: float) -> str:
    return "0" if value == 0 else f"{value:.0e}".replace("e-0", "e-")


def collected() -> Errors:
    """The errors in the build folders; of a platform whose tests did not run here, those of before."""
    errors: Errors = json.loads(MEASURED.read_text()) if MEASURED.is_file() else {}
    for platform, path in FOUND.items():
        if path.is_file():
            text = path.read_text()
            errors[platform] = json.loads(text) if path.suffix == ".json" else _of_log(text)
    return errors


def _of_log(log: str) -> dict[str, dict[str, float]]:
    """The errors in the log of the Swift tests: lines such as "parity | refine/disc | 1.4e-06 | 3.9e-03 |"."""
    errors: dict[str, dict[str, float]] = {}
    for stage, mean, largest in re.findall(r"parity \| ([a-z-]+)/\S+ \| (\S+) \| (\S+) \|", log):
        before = errors.setdefault(stage, {"mean": 0.0, "largest": 0.0})
        errors[stage] = {
            "mean": max(before["mean"], float(mean)),
            "largest": max(before["largest"], float(largest)),
        }
    return errors


def main() -> int:
    """Write docs/stage-errors.json."""
    errors = {
        platform: {
            stage: {kind: float(f"{value:.1e}") for kind, value in found.items()}
            for stage, found in sorted(stages.items())
        }
        for platform, stages in collected().items()
    }
    MEASURED.write_text(json.dumps(errors, indent=1) + "\n")
    print(f"wrote {MEASURED}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
