"""A bundle: the model file and the manifest that every runtime reads. See `pspm_runtime.bundle` for the reader."""

import hashlib
import json
from pathlib import Path

from torch import nn

from pspm.counting import count
from pspm_export.onnx import export_onnx
from pspm_runtime.bundle import MANIFEST

SIDE = 512
LONGEST = 1024
WEIGHTS_LICENCE = "research and evaluation only; trained on photographs whose terms are not known, see docs/model-card.md"
WEIGHTS_DATA = (
    "Portraits from Flickr with closed-form mattes (Shen et al. 2016), studio cut-outs, published mattes, backgrounds; "
    "encoder started from MobileNetV2 ImageNet weights (Apache-2.0). No photograph is part of this file."
)


def write_bundle(network: nn.Module, name: str, folder: Path, multiple: int) -> None:
    """Write `folder`/{model.onnx, manifest.json} for a trained network of `pspm.networks`.

    The model is written under a temporary name and renamed, the manifest last, so that a bundle is never half there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    unfinished, model = folder / "model.onnx.part", folder / "model.onnx"
    try:
        export_onnx(network, unfinished, multiple)
        unfinished.replace(model)
    finally:
        unfinished.unlink(missing_ok=True)
    parameters, macs = count(network)
    manifest = {
        "name": name,
        "network": name,
        "file": model.name,
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "parameters": parameters,
        "macs_at_224": macs,
        "input": {
            "name": "image",
            "layout": "NCHW",
            "colours": "RGB",
            "range": [-1, 1],
            "mean": [0.5, 0.5, 0.5],
            "std": [0.5, 0.5, 0.5],
            "size": {"side": SIDE, "multiple": multiple, "longest": LONGEST},
        },
        "output": {"name": "alpha", "layout": "NCHW", "range": [0, 1]},
        "licence": WEIGHTS_LICENCE,
        "data": WEIGHTS_DATA,
    }
    text = json.dumps(manifest, indent=2) + "\n"
    part = folder / f"{MANIFEST}.part"
    part.write_text(text)
    part.replace(folder / MANIFEST)
