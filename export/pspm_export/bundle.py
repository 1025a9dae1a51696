"""A bundle: the model file and the manifest that every runtime reads. See `pspm_runtime.bundle` for the reader."""

import errno
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from pspm_runtime.bundle import MANIFEST, digest
from pspm_runtime.errors import ModelError, OutputError
from pspm_runtime.stages.network_view import InputSize

from pspm.counting import count
from pspm.networks import MattingNetwork, build
from pspm_export.plan.calibration import calibrate_on
from pspm_export.plan.export_spec import Target
from pspm_export.plan.trimap_input import entry
from pspm_export.verification.parity import Proof, prove

WEIGHTS_LICENCE = (
    "research and evaluation only; trained on photographs whose terms are not known, see docs/model-card.md"
)
WEIGHTS_DATA = (
    "Portraits from Flickr with closed-form mattes (Shen et al. 2016), studio cut-outs, published mattes, "
    "people with hard masks, backgrounds; encoder started from MobileNetV2 ImageNet weights (Apache-2.0). "
    "No photograph is part of this file."
)


class Written(NamedTuple):
    """seconds: of CPU time, of all threads, that the conversion took, calibration included."""

    proof: Proof
    seconds: float


def write_bundle(
    network: MattingNetwork, name: str, folder: Path, target: Target, data: Path | None = None, limit: int | None = None
) -> Written:
    """Write `folder`/{model, manifest.json} for a trained network of `pspm.networks`, in eval mode.

    data: calibrates what is quantised, and measures the loss on the held-back pictures; without it the sample portrait
    calibrates. limit: measure on so many of each set only. The file is written beside the folder, compared with torch,
    and moved, the manifest last, so that a bundle is never half there. Raises ModelError where a file cannot be made or
    differs from torch, OutputError where the disk is full.
    """
    target.check(network.MULTIPLE)
    if network.takes_trimap and target.precision in target.format.calibrated:
        raise ModelError(
            f"{name} takes a trimap, and there are none to calibrate {target.precision} on; choose another"
        )
    pictures, source = calibrate_on(data, target.size) if target.precision in target.format.calibrated else ([], None)

    def convert(model: Path) -> None:
        target.format.writer().write(
            network, model, precision=target.precision, size=target.size, dynamic=target.dynamic, calibration=pictures
        )

    return _write(convert, network, name, folder, target, data, limit, source)


def bundle_file(
    file: Path, network: MattingNetwork, name: str, folder: Path, target: Target, data: Path | None = None
) -> Written:
    """Write a bundle around a copy of a file that was converted elsewhere, under the same conditions."""
    target.check(network.MULTIPLE)

    def copy(model: Path) -> None:
        shutil.copytree(file, model) if file.is_dir() else shutil.copyfile(file, model)

    return _write(copy, network, name, folder, target, data, None, None)


def _write(
    make: Callable[[Path], object],
    network: MattingNetwork,
    name: str,
    folder: Path,
    target: Target,
    data: Path | None,
    limit: int | None,
    calibration: str | None,
) -> Written:
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(dir=folder.parent, prefix=".pspm-") as beside:
            model = Path(beside) / target.format.file
            start = time.process_time()
            make(model)
            seconds = time.process_time() - start
            proof = prove(network, model, target, data, limit)
            place(model, folder, manifest(name, model, target, network, proof, calibration))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise OutputError(f"the disk of {folder} is full, so nothing was written; make room") from None
        raise
    return Written(proof, seconds)


def manifest(
    name: str, model: Path, target: Target, network: MattingNetwork, proof: Proof, calibration: str | None
) -> dict[str, Any]:
    """What `manifest.schema.json` describes, of a saved file of the network `name` that was proven."""
    parameters, macs = count(build(name))
    interface = target.format.writer().interface(target.precision)
    return {
        "name": name,
        "network": name,
        "file": target.format.file,
        "format": target.format.name,
        "precision": target.precision,
        "sha256": digest(model),
        "bytes": size_of(model),
        "parameters": parameters,
        "macs_at_224": macs,
        "input": {**interface["input"], "size": size_entry(target.size_rule(network.MULTIPLE))},
        **({"trimap": entry(interface["input"]["layout"])} if network.takes_trimap else {}),
        "output": interface["output"],
        "operators": target.format.writer().operators(model),
        "parity": [{"height": h, "width": w, **found._asdict()} for (h, w), found in proof.parities.items()],
        "sad_drift": proof.drifts
        and {group: {**drift._asdict(), "share": drift.share} for group, drift in proof.drifts.items()},
        "calibration": calibration,
        "licence": WEIGHTS_LICENCE,
        "data": WEIGHTS_DATA,
    }


def size_entry(rule: InputSize) -> dict[str, Any]:
    """The manifest's "input"."size"."""
    entry: dict[str, Any] = {"side": rule.side, "multiple": rule.multiple, "longest": rule.longest}
    if rule.sizes:
        entry["sizes"] = [{"height": height, "width": width} for width, height in rule.sizes]
    return entry


def place(model: Path, folder: Path, facts: dict[str, Any]) -> None:
    """Move a proven file into its bundle, in the place of an older one, and write the manifest after it."""
    written = model.with_name(MANIFEST)
    written.write_text(json.dumps(facts, indent=2) + "\n")
    folder.mkdir(exist_ok=True)
    old = folder / facts["file"]
    if old.is_dir():
        shutil.rmtree(old)
    model.replace(old)
    written.replace(folder / MANIFEST)


def size_of(model: Path) -> int:
    """Bytes of a file, or of all files of a folder."""
    return sum(path.stat().st_size for path in (model, *model.rglob("*")) if path.is_file())
