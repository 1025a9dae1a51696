"""Portrait matting on numpy, pillow and ONNX Runtime alone.

`load` a model once for many photos. The functions here use the default model; the methods of `Model` describe them.
"""

from functools import lru_cache
from pathlib import Path
from typing import Literal, overload

import numpy as np
from PIL import Image

import pspm_runtime.no_telemetry  # noqa: F401 - before anything imports onnxruntime
from pspm_runtime.bundle import DEFAULT_MODEL
from pspm_runtime.errors import ModelError, NoPersonError, OutputError, PhotoError, PspmError
from pspm_runtime.files.animation import Animation, open_frames
from pspm_runtime.files.background import Colour
from pspm_runtime.files.photo import MAX_MEGAPIXELS, Photo, PhotoInput, open_photo
from pspm_runtime.model import Model
from pspm_runtime.stages.trimap import TrimapInput

__all__ = [
    "DEFAULT_MODEL",
    "Model",
    "ModelError",
    "NoPersonError",
    "OutputError",
    "Photo",
    "PhotoError",
    "PspmError",
    "__version__",
    "blur_background",
    "cut_out",
    "frames",
    "load",
    "open_photo",
    "predict_alpha",
    "replace_background",
]

__version__: str


def __getattr__(name: str) -> str:
    # The version is read when it is asked for, which keeps the import fast.
    if name == "__version__":
        from pspm_runtime.package_files import installed_version

        return installed_version("pspm")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load(
    model: str | Path = DEFAULT_MODEL, threads: int | None = None, max_megapixels: float = MAX_MEGAPIXELS
) -> Model:
    """Load a shipped model by its name, or a bundle by its folder, for many photos; see `Model`."""
    return Model(model, threads, max_megapixels)


def frames(photo: PhotoInput | Photo, max_megapixels: float = MAX_MEGAPIXELS) -> Animation:
    """Read an animation, a TIFF of several pages or an MPO or HEIC of several pictures, one `Photo` after the other.

    `len(frames(photo))` is their number, and `Photo.duration` the time that a frame is shown, in milliseconds. Any
    other photo is its only frame.
    """
    return open_frames(photo, max_megapixels)


@lru_cache(maxsize=1)
def default_model() -> Model:
    """Load the default model, once per process."""
    return load()


def predict_alpha(
    photo: PhotoInput | Photo,
    *,
    trimap: TrimapInput | None = None,
    model: str | Path = DEFAULT_MODEL,
    require_person: bool = False,
    alpha_bits: int = 8,
) -> np.ndarray:
    """Call `Model.predict_alpha` of the default model, or of another one that is loaded for this photo only."""
    loaded = default_model() if isinstance(model, str) and model == DEFAULT_MODEL else load(model)
    return loaded.predict_alpha(photo, trimap=trimap, require_person=require_person, alpha_bits=alpha_bits)


@overload
def cut_out(photo: PhotoInput | Photo, *, require_person: bool = False, alpha_bits: Literal[8] = 8) -> Image.Image: ...


@overload
def cut_out(photo: PhotoInput | Photo, *, require_person: bool = False, alpha_bits: Literal[16]) -> np.ndarray: ...


def cut_out(
    photo: PhotoInput | Photo, *, require_person: bool = False, alpha_bits: Literal[8, 16] = 8
) -> Image.Image | np.ndarray:
    """Call `Model.cut_out` of the default model."""
    if alpha_bits == 8:
        return default_model().cut_out(photo, require_person=require_person)
    return default_model().cut_out(photo, require_person=require_person, alpha_bits=alpha_bits)


def replace_background(
    photo: PhotoInput | Photo, background: PhotoInput | Photo | Colour, *, require_person: bool = False
) -> Image.Image:
    """Call `Model.replace_background` of the default model."""
    return default_model().replace_background(photo, background, require_person=require_person)


def blur_background(photo: PhotoInput | Photo, strength: float = 0.5, *, require_person: bool = False) -> Image.Image:
    """Call `Model.blur_background` of the default model."""
    return default_model().blur_background(photo, strength, require_person=require_person)
