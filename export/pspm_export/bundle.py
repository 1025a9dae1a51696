"""Write bundles: a model file and the manifest that every runtime reads. `pspm_runtime.bundle` reads them."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pspm_runtime.bundle import MANIFEST
from pspm_runtime.errors import ModelError

from pspm.networks import MattingNetwork
from pspm_export.described_model import described_model
from pspm_export.manifest import manifest
from pspm_export.plan.calibration import calibrate_on
from pspm_export.plan.export_spec import ExportSpec
from pspm_export.verification.proof import Proof, prove
from pspm_export.writers.find_writer import find_writer


class Written(NamedTuple):
    """seconds: CPU time of all threads for the conversion, including calibration."""

    proof: Proof
    seconds: float


def write_bundle(
    network: MattingNetwork,
    name: str,
    folder: Path,
    spec: ExportSpec,
    data: Path | None = None,
    limit: int | None = None,
    calibration_seed: int | None = None,
) -> Written:
    """Export a trained network to `folder`: the model file and manifest.json.

    network: in eval mode. name: its name in `NETWORKS`.
    data: a data folder, to calibrate on and to measure the SAD regression; without it, the sample portrait calibrates.
    limit: the largest number of pictures of each set to measure on. calibration_seed: see `calibrate_on`.
    Raises ModelError if the file cannot be made or differs from torch, OutputError if the disk is full.
    """
    if spec.takes_trimap and spec.calibrated:
        raise ModelError(
            f"{name} takes a trimap, and there are none to calibrate {spec.precision} on; choose another precision"
        )
    pictures, source = calibrate_on(data, spec.size, calibration_seed) if spec.calibrated else ([], None)

    def convert(model: Path) -> None:
        find_writer(spec.format).write(network, model, spec, pictures)

    return _write(convert, network, name, folder, spec, data, limit, source)


def bundle_file(
    file: Path, network: MattingNetwork, name: str, folder: Path, spec: ExportSpec, data: Path | None = None
) -> Written:
    """Write a bundle with a copy of a model file that was converted elsewhere, with the same checks."""

    def copy(model: Path) -> None:
        shutil.copytree(file, model) if file.is_dir() else shutil.copyfile(file, model)

    return _write(copy, network, name, folder, spec, data, None, None)


def _write(
    make: Callable[[Path], object],
    network: MattingNetwork,
    name: str,
    folder: Path,
    spec: ExportSpec,
    data: Path | None,
    limit: int | None,
    calibration: str | None,
) -> Written:
    """Make the file beside the folder, prove it, and only then move it in."""
    with described_model(folder, spec.format.file, MANIFEST) as (model, facts):
        start = time.process_time()
        make(model)
        seconds = time.process_time() - start
        proof = prove(network, model, spec, data, limit)
        facts.update(manifest(name, model, spec, proof, calibration))
    return Written(proof, seconds)
