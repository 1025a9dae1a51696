"""PSPM: portrait matting. A photo of a person goes in, a soft alpha matte comes out.

The names here are those of the runtime, `pspm_runtime`. Networks, training and evaluation are in the subpackages and
need the extras `train` and `export`.
"""

import pspm_runtime
from pspm_runtime import (
    DEFAULT_MODEL,
    Model,
    ModelError,
    NoPersonError,
    OutputError,
    Photo,
    PhotoError,
    PspmError,
    VideoError,
    blur_background,
    cut_out,
    frames,
    load,
    open_photo,
    predict_alpha,
    replace_background,
    video,
)

__all__ = [
    "DEFAULT_MODEL",
    "Model",
    "ModelError",
    "NoPersonError",
    "OutputError",
    "Photo",
    "PhotoError",
    "PspmError",
    "VideoError",
    "__version__",
    "blur_background",
    "cut_out",
    "frames",
    "load",
    "open_photo",
    "predict_alpha",
    "replace_background",
    "video",
]

__version__: str


def __getattr__(name: str) -> str:
    if name == "__version__":
        return pspm_runtime.__version__
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
