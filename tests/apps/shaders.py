"""The iOS demo's Metal shaders, which `make ios` compiles as C++, to run on the CPU."""

import ctypes
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pspm_runtime.constants import CELLS

BUILD = Path(__file__).resolve().parents[2] / "ios_demo/.build"


class Texture(ctypes.Structure):
    """A texture of four floats per pixel, and the array that owns its memory."""

    _fields_ = (("pixels", ctypes.c_void_p), ("width", ctypes.c_uint), ("height", ctypes.c_uint))

    def __init__(self, pixels: np.ndarray) -> None:
        full = np.zeros((*pixels.shape[:2], 4), np.float32)
        full[..., : pixels.shape[2]] = pixels
        self.array = full
        super().__init__(full.ctypes.data, full.shape[1], full.shape[0])

    @classmethod
    def empty(cls, width: int, height: int) -> "Texture":
        return cls(np.full((height, width, 4), np.nan))


class Box(ctypes.Structure):
    """Left, top, width, height."""

    _fields_ = tuple((name, ctypes.c_float) for name in ("left", "top", "width", "height"))


def compiled_shaders() -> Any:
    """The library of the kernels; without it the test is skipped."""
    library = BUILD / "shaders.so"
    if not library.is_file():
        pytest.skip("the shaders are not compiled; run make ios")
    return ctypes.CDLL(str(library))


def blurred_view(shaders: Any, view: Texture, alpha: Texture, radius: float) -> np.ndarray:
    """Blur the view's background, at half the view's size: (h, w, 3)."""
    side = -(-max(view.width, view.height) // CELLS)
    lights = Texture.empty(view.width, view.height)
    shaders.run_background_light(view, alpha, lights)
    cells, filled = (Texture.empty(-(-view.width // side), -(-view.height // side)) for _ in range(2))
    blurred = Texture.empty(view.width // 2, view.height // 2)
    shaders.run_background_cells(lights, cells, side)
    shaders.run_background_fill(cells, filled)
    shaders.run_disc_blur(lights, filled, blurred, ctypes.c_float(radius), side)
    return blurred.array[..., :3]


def linear_models(shaders: Any, view: Texture, alpha: Texture) -> Texture:
    """Slope and offset of the matte over luma, in the first two of four floats."""
    slopes, models = (Texture.empty(view.width, view.height) for _ in range(2))
    shaders.run_linear_models(view, alpha, slopes, models)
    return models
