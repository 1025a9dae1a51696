"""PSPM: a photo of a person in, a soft alpha matte out.

This package re-exports the thin runtime; networks, training and evaluation live in its subpackages and need the
extras `train` and `export`.
"""

from pspm_runtime import (
    Model,
    ModelError,
    NoPersonError,
    OutputError,
    PhotoError,
    PspmError,
    blur_background,
    cut_out,
    load,
    predict_alpha,
    replace_background,
)

__all__ = [
    "Model",
    "ModelError",
    "NoPersonError",
    "OutputError",
    "PhotoError",
    "PspmError",
    "blur_background",
    "cut_out",
    "load",
    "predict_alpha",
    "replace_background",
]
