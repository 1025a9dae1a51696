"""The layout of a repository on the Hugging Face Hub that transformers.js runs, in its pipeline "background-removal".

transformers.js has no code for our networks. Its model type "modnet" is a network from pixels to a matte, of any names.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from pspm_runtime.bundle import MANIFEST, Bundle
from pspm_runtime.stages.network_view import InputSize

# The names that transformers.js gives to its `dtype`.
FILES = {
    "fp32": "model.onnx",
    "fp16-weights": "model_fp16.onnx",
    "fp16": "model_fp16.onnx",
    "int8": "model_quantized.onnx",
}
DTYPES = {"model.onnx": "fp32", "model_fp16.onnx": "fp16", "model_quantized.onnx": "q8"}
_ASPECT = 3 / 4
_BILINEAR = 2


def write_huggingface(bundle: Bundle, folder: Path) -> None:
    """Write config.json, preprocessor_config.json, README.md, the manifest, and the model below onnx/."""
    file = FILES[bundle.facts["precision"]]
    (folder / "onnx").mkdir()
    shutil.copyfile(bundle.model, folder / "onnx" / file)
    shutil.copyfile(bundle.model.parent / MANIFEST, folder / MANIFEST)
    _write(folder / "config.json", {"model_type": "modnet", "pspm": {"name": bundle.name, "sha256": bundle.sha256}})
    _write(folder / "preprocessor_config.json", _preprocessor(bundle))
    (folder / "README.md").write_text(_card(bundle, DTYPES[file]))


def _preprocessor(bundle: Bundle) -> dict[str, Any]:
    return {
        "feature_extractor_type": "ImageFeatureExtractor",
        "do_resize": True,
        "do_rescale": True,
        "do_normalize": True,
        "do_pad": False,
        "resample": _BILINEAR,
        "rescale_factor": 1 / 255,
        "image_mean": list(bundle.mean),
        "image_std": list(bundle.std),
        **_size(bundle.size),
    }


def _size(rule: InputSize) -> dict[str, Any]:
    """Our rule is an area. transformers.js scales the shorter side: to what it is for a photo of 3:4."""
    if rule.sizes or rule.multiple == rule.longest:
        width, height = rule.sizes[0] if rule.sizes else (rule.side, rule.side)
        return {"size": {"width": width, "height": height}}
    shorter = min(rule.fit(round(1000 * _ASPECT), 1000))
    return {"size": {"shortest_edge": shorter, "longest_edge": rule.longest}, "size_divisibility": rule.multiple}


def _card(bundle: Bundle, dtype: str) -> str:
    return f"""---
library_name: transformers.js
pipeline_tag: image-segmentation
license: other
license_name: research-and-evaluation-only
tags: [background-removal, matting, portrait]
---

# PSPM {bundle.name}

Portrait matting: a photo of a person goes in, a soft alpha matte comes out.

```js
import {{ pipeline }} from "@huggingface/transformers";

const remove = await pipeline("background-removal", "FOLDER OR REPOSITORY", {{ dtype: "{dtype}" }});
const cutout = await remove("photo.jpg");
```

This is the network alone. PSPM's own runtime also looks for small and turned people, brings the matte to the photo's
own size along its edges, and removes the old background's colour.

Terms of the weights: {bundle.facts.get("licence", "unknown")}.

Trained on: {bundle.facts.get("data", "unknown")}
"""


def _write(path: Path, facts: dict[str, Any]) -> None:
    path.write_text(json.dumps(facts, indent=2) + "\n")
