"""A bundle with a network of one convolution that sees green as a person, which other processes can open, too."""

import hashlib
import json
from pathlib import Path

from pspm_runtime.bundle import DEFAULT_MODEL, MANIFEST, open_bundle

from tests.runtime.engines.test_onnx import save


def write_bundle(folder: Path) -> Path:
    folder.mkdir()
    file = save(folder / "model.onnx", (-0.6, 0.6, 0.0), 0.0)
    facts = json.loads(json.dumps(open_bundle(DEFAULT_MODEL).facts))
    facts["input"]["size"] = {"side": 64, "multiple": 16, "longest": 128}  # small views are fast
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    manifest = facts | {"file": file.name, "sha256": sha256, "format": "onnx"}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder
