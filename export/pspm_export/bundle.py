"""A bundle: the model file and the manifest that every runtime reads. See `pspm_runtime.bundle` for the reader."""

import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from pspm_runtime.bench import sample_photo
from pspm_runtime.bundle import MANIFEST
from pspm_runtime.errors import ModelError
from torch import Tensor, nn

from pspm.counting import count
from pspm_export.lowering import AlphaOnly, fold_norms, lower
from pspm_export.onnx import export_onnx, round_weights
from pspm_export.verify import compare

SIDE = 512
LONGEST = 1024
VERIFIED_SIZES = ((256, 256), (512, 512), (320, 448))
WEIGHTS_LICENCE = (
    "research and evaluation only; trained on photographs whose terms are not known, see docs/model-card.md"
)
WEIGHTS_DATA = (
    "Portraits from Flickr with closed-form mattes (Shen et al. 2016), studio cut-outs, published mattes, backgrounds; "
    "encoder started from MobileNetV2 ImageNet weights (Apache-2.0). No photograph is part of this file."
)


def write_bundle(network: nn.Module, name: str, folder: Path, multiple: int) -> None:
    """Write `folder`/{model.onnx, manifest.json} for a trained network of `pspm.networks`.

    The model is written under a temporary name, compared with torch on the sample portrait, and renamed, the manifest
    last, so that a bundle is never half there. Raises ModelError where the two do not agree.
    """
    if getattr(network, "CHANNELS", 3) != 3:
        raise ModelError(f"{name} needs a trimap, for which a bundle has no input; export a network that takes a photo")
    trained = AlphaOnly(network)
    released = round_weights(fold_norms(trained))
    inputs = [sample_input(h, w) for h, w in VERIFIED_SIZES]
    folder.mkdir(parents=True, exist_ok=True)
    unfinished, model = folder / "model.onnx.part", folder / "model.onnx"
    try:
        export_onnx(lower(released), unfinished, multiple)
        parities = compare(released, unfinished, inputs)
        if not all(parity.holds for parity in parities):
            raise ModelError(f"{name} was not written: its ONNX file differs from torch ({parities}); report this")
        drifts = compare(trained, unfinished, inputs)
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
        "parity_with_torch": [
            {"height": h, "width": w, **parity._asdict(), "mean_drift_by_half_storage": drift.mean_error}
            for (h, w), parity, drift in zip(VERIFIED_SIZES, parities, drifts, strict=True)
        ],
        "licence": WEIGHTS_LICENCE,
        "data": WEIGHTS_DATA,
    }
    text = json.dumps(manifest, indent=2) + "\n"
    part = folder / f"{MANIFEST}.part"
    part.write_text(text)
    part.replace(folder / MANIFEST)


def sample_input(height: int, width: int) -> Tensor:
    """The sample portrait as a network's input, (1, 3, height, width) in [-1, 1]."""
    with Image.open(sample_photo()) as photo:
        pixels = np.asarray(photo.resize((width, height)), np.float32)
    return torch.from_numpy(pixels).permute(2, 0, 1)[None] / 127.5 - 1
