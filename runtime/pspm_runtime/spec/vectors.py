"""Write the test vectors: inputs and outputs of every stage, which apps in other languages are tested against."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from pspm_runtime.bundle import DEFAULT_MODEL, open_bundle
from pspm_runtime.errors import OutputError
from pspm_runtime.files.atomic_write import atomic_write
from pspm_runtime.package_files import installed_version
from pspm_runtime.spec.case import Case
from pspm_runtime.spec.cases import cases
from pspm_runtime.spec.stages import Stage, specification

INDEX = "vectors.json"


def add_vectors(subcommands: Any) -> None:
    """Add `pspm vectors`."""
    parser = subcommands.add_parser("vectors", help="write test vectors of every stage, for apps in other languages")
    parser.add_argument("--model", default=DEFAULT_MODEL, help=f"a shipped model (default {DEFAULT_MODEL})")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder; older vectors in it are replaced")
    parser.set_defaults(run=_vectors)


def _vectors(args: argparse.Namespace) -> int:
    number = write_vectors(args.out, args.model)
    print(f"wrote {args.out / INDEX} with {number} cases")
    return 0


def write_vectors(folder: Path, name: str = DEFAULT_MODEL) -> int:
    """Write `folder`/vectors.json and a file of little-endian numbers for every array; return the number of cases.

    vectors.json holds "model" (name and sha256 of the model file), "stages" (for each what every platform is allowed),
    and "cases": for each its stage, name and parameters, and by name the file, dtype and shape (rows first) of each
    input and output.
    Raises OutputError for a folder that holds other files.
    """
    if folder.exists() and not (folder / INDEX).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder} holds something else; name a new folder for the test vectors")
    bundle = open_bundle(name)
    with atomic_write(folder) as unfinished:
        unfinished.mkdir()
        files: dict[bytes, str] = {}
        index = {
            "pspm": installed_version("pspm"),
            "model": {"name": bundle.name, "sha256": bundle.sha256},
            "stages": {stage.name: _allowed(stage) for stage in specification().stages},
            "cases": [_written(case, unfinished, files) for case in cases(bundle)],
        }
        (unfinished / INDEX).write_text(json.dumps(index, indent=1) + "\n")
    return len(index["cases"])


def _allowed(stage: Stage) -> dict[str, Any]:
    """The range of a stage's outputs, and by platform the mean and largest error, or why the stage is not run."""
    platforms = {
        name: {"excused": allowed.excused} if allowed.excused else {"mean": allowed.mean, "largest": allowed.largest}
        for name, allowed in stage.platforms.items()
    }
    return {"range": stage.range, **platforms}


def _written(case: Case, folder: Path, files: dict[bytes, str]) -> dict[str, Any]:
    """Write the arrays of a case and return its entry for the index.

    files: names of the files written so far, by content, because many cases share inputs.
    """

    def tensor(role: str, name: str, array: np.ndarray) -> dict[str, Any]:
        kept = array.astype(np.int32) if array.dtype.kind == "i" else array
        content = np.ascontiguousarray(kept, kept.dtype.newbyteorder("<")).tobytes()
        file = files.setdefault(content, f"{case.stage}.{case.name}.{role}.{name.replace('/', '-')}.bin")
        (folder / file).write_bytes(content)
        return {"file": file, "dtype": kept.dtype.name, "shape": list(kept.shape)}

    return {
        "stage": case.stage,
        "name": case.name,
        "parameters": case.parameters,
        "inputs": {name: tensor("in", name, array) for name, array in case.inputs.items()},
        "outputs": {name: tensor("out", name, array) for name, array in case.outputs.items()},
    }
