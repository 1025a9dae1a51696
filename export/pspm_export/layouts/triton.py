"""The layout of a model repository of NVIDIA's Triton Inference Server: NAME/config.pbtxt and NAME/1/model.onnx."""

import shutil
from pathlib import Path

from pspm_runtime.bundle import MANIFEST, Bundle


def write_triton(bundle: Bundle, folder: Path) -> None:
    """Write the model of a bundle as version 1, its configuration, and its manifest, which says how to scale photos."""
    name = f"pspm-{bundle.name}"
    version = folder / name / "1"
    version.mkdir(parents=True)
    shutil.copyfile(bundle.model, version / "model.onnx")
    shutil.copyfile(bundle.model.parent / MANIFEST, folder / name / MANIFEST)
    (folder / name / "config.pbtxt").write_text(_configuration(bundle, name))


def _configuration(bundle: Bundle, name: str) -> str:
    """The batch is part of the shape: the network takes one photo, and photos differ in size."""
    rule = bundle.size
    fixed = rule.sizes if len(rule.sizes) == 1 else ((rule.side, rule.side),) if rule.multiple == rule.longest else ()
    width, height = fixed[0] if fixed else (-1, -1)
    return f"""name: "{name}"
platform: "onnxruntime_onnx"
max_batch_size: 0
# RGB, (pixel / 255 - {bundle.mean[0]:g}) / {bundle.std[0]:g}; {MANIFEST} says to which size a photo is scaled.
input [ {{ name: "{bundle.facts["input"]["name"]}" data_type: TYPE_FP32 dims: [ 1, 3, {height}, {width} ] }} ]
output [ {{ name: "{bundle.facts["output"]["name"]}" data_type: TYPE_FP32 dims: [ 1, 1, {height}, {width} ] }} ]
instance_group [ {{ count: 1 kind: KIND_CPU }} ]
"""
