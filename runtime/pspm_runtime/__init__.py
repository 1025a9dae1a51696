"""Portrait matting on numpy, pillow and ONNX Runtime alone.

`load` a model once for many photos. The functions here use the default model, or `mobile-trimap` for a photo with a
trimap; the methods of `Model` describe them.
"""

from functools import lru_cache
from pathlib import Path
from typing import Literal, overload

import numpy as np
from PIL import Image

import pspm_runtime.no_telemetry  # noqa: F401 - before anything imports onnxruntime
from pspm_runtime import video
from pspm_runtime.bundle import DEFAULT_MODEL, default_model_name
from pspm_runtime.engines.devices import Device
from pspm_runtime.errors import ModelError, NoPersonError, OutputError, PhotoError, PspmError, VideoError
from pspm_runtime.files.animation import Animation, open_frames
from pspm_runtime.files.background import Colour
from pspm_runtime.files.photo import MAX_MEGAPIXELS, Photo, PhotoInput, open_photo
from pspm_runtime.looks.quality import DEFAULT_QUALITY, Quality, check_quality
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
    # The version is read when it is asked for, which keeps the import fast.
    if name == "__version__":
        from pspm_runtime.package_files import installed_version

        return installed_version("pspm")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load(
    model: str | Path = DEFAULT_MODEL,
    threads: int | None = None,
    max_megapixels: float = MAX_MEGAPIXELS,
    quality: Quality = DEFAULT_QUALITY,
    device: Device = "auto",
) -> Model:
    """Load a shipped model by its name, or a bundle by its folder, for many photos; see `Model`."""
    return Model(model, threads, max_megapixels, quality, device)


def frames(photo: PhotoInput | Photo, max_megapixels: float = MAX_MEGAPIXELS) -> Animation:
    """Read an animation, a TIFF of several pages or an MPO or HEIC of several pictures, one `Photo` after the other.

    `len(frames(photo))` is their number, and `Photo.duration` the time that a frame is shown, in milliseconds. Any
    other photo is its only frame.
    """
    return open_frames(photo, max_megapixels)


@lru_cache(maxsize=4)
def default_model(*, with_trimap: bool = False, quality: Quality = DEFAULT_QUALITY) -> Model:
    """Load the default model, or the one for photos with a trimap, once per process and quality."""
    return load(default_model_name(with_trimap=with_trimap), quality=quality)


def _model_for(trimap: TrimapInput | None, quality: Quality) -> Model:
    """The default model for a photo. With a trimap all qualities share one network."""
    check_quality(quality)
    if trimap is not None:
        return default_model(with_trimap=True).of_quality(quality)
    return default_model(quality=quality)


def predict_alpha(
    photo: PhotoInput | Photo,
    *,
    trimap: TrimapInput | None = None,
    model: str | Path | None = None,
    require_person: bool = False,
    alpha_bits: int = 8,
    quality: Quality = DEFAULT_QUALITY,
) -> np.ndarray:
    """Call `Model.predict_alpha` of the default model, or of another one that is loaded for this photo only."""
    if model is None or (isinstance(model, str) and model == default_model_name(with_trimap=trimap is not None)):
        loaded = _model_for(trimap, quality)
    else:
        loaded = load(model, quality=quality)
    return loaded.predict_alpha(photo, trimap=trimap, require_person=require_person, alpha_bits=alpha_bits)


@overload
def cut_out(
    photo: PhotoInput | Photo,
    *,
    trimap: TrimapInput | None = None,
    require_person: bool = False,
    alpha_bits: Literal[8] = 8,
    quality: Quality = DEFAULT_QUALITY,
) -> Image.Image: ...


@overload
def cut_out(
    photo: PhotoInput | Photo,
    *,
    trimap: TrimapInput | None = None,
    require_person: bool = False,
    alpha_bits: Literal[16],
    quality: Quality = DEFAULT_QUALITY,
) -> np.ndarray: ...


def cut_out(
    photo: PhotoInput | Photo,
    *,
    trimap: TrimapInput | None = None,
    require_person: bool = False,
    alpha_bits: Literal[8, 16] = 8,
    quality: Quality = DEFAULT_QUALITY,
) -> Image.Image | np.ndarray:
    """Call `Model.cut_out` of the default model."""
    model = _model_for(trimap, quality)
    if alpha_bits == 8:
        return model.cut_out(photo, trimap=trimap, require_person=require_person)
    return model.cut_out(photo, trimap=trimap, require_person=require_person, alpha_bits=alpha_bits)


def replace_background(
    photo: PhotoInput | Photo,
    background: PhotoInput | Photo | Colour,
    *,
    trimap: TrimapInput | None = None,
    require_person: bool = False,
    quality: Quality = DEFAULT_QUALITY,
) -> Image.Image:
    """Call `Model.replace_background` of the default model."""
    model = _model_for(trimap, quality)
    return model.replace_background(photo, background, trimap=trimap, require_person=require_person)


def blur_background(
    photo: PhotoInput | Photo,
    strength: float = 0.5,
    *,
    trimap: TrimapInput | None = None,
    require_person: bool = False,
    quality: Quality = DEFAULT_QUALITY,
) -> Image.Image:
    """Call `Model.blur_background` of the default model."""
    model = _model_for(trimap, quality)
    return model.blur_background(photo, strength, trimap=trimap, require_person=require_person)
