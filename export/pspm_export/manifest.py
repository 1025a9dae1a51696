"""The manifest of a bundle, as `manifest.schema.json` describes it. `pspm_runtime.bundle` reads it."""

from pathlib import Path
from typing import Any

from pspm_runtime.bundle import digest
from pspm_runtime.stages.network_view import InputSize

from pspm.counting import count
from pspm.networks import build
from pspm_export.plan.export_spec import ExportSpec
from pspm_export.plan.trimap_input import trimap_entry
from pspm_export.plan.weights_terms import WEIGHTS_DATA, WEIGHTS_LICENCE
from pspm_export.verification.proof import Proof
from pspm_export.writers.find_writer import find_writer


def manifest(name: str, model: Path, spec: ExportSpec, proof: Proof, calibration: str | None) -> dict[str, Any]:
    """The manifest of a proven file of the network `name`. calibration: the source of the pictures, if any."""
    parameters, macs = count(build(name))
    writer = find_writer(spec.format)
    interface = writer.interface(spec.precision)
    return {
        "name": name,
        "network": name,
        "file": spec.format.file,
        "format": spec.format.name,
        "precision": spec.precision,
        "sha256": digest(model),
        "bytes": size_of(model),
        "parameters": parameters,
        "macs_at_224": macs,
        "input": {**interface["input"], "size": _size_entry(spec.size_rule)},
        **({"trimap": trimap_entry(interface["input"]["layout"])} if spec.takes_trimap else {}),
        "output": interface["output"],
        "operators": writer.operator_counts(model),
        "parity": [{"height": h, "width": w, **found._asdict()} for (h, w), found in proof.parities.items()],
        "sad_drift": proof.regressions
        and {group: {**found._asdict(), "share": found.share} for group, found in proof.regressions.items()},
        "calibration": calibration,
        "licence": WEIGHTS_LICENCE,
        "data": WEIGHTS_DATA,
    }


def size_of(model: Path) -> int:
    """The bytes of a file, or of all files in a folder."""
    return sum(path.stat().st_size for path in (model, *model.rglob("*")) if path.is_file())


def _size_entry(rule: InputSize) -> dict[str, Any]:
    entry: dict[str, Any] = {"side": rule.side, "multiple": rule.multiple, "longest": rule.longest}
    if rule.overlap:
        entry["overlap"] = rule.overlap
    if rule.enlarge_to:
        entry["enlarge_to"] = rule.enlarge_to
    if rule.sizes:
        entry["sizes"] = [{"height": height, "width": width} for width, height in rule.sizes]
    return entry
