"""TFLite files in LiteRT."""

import os
from pathlib import Path
from threading import Lock

import numpy as np

from pspm_runtime.engines.limits import check_alpha, check_threads
from pspm_runtime.engines.native_stderr import native_quiet
from pspm_runtime.errors import ModelError
from pspm_runtime.stages.network_view import InputSize

# An int8 file takes and returns bytes minus this.
SIGNED = 128


class LiteRTEngine:
    """Runs a `.tflite` file of one size: "image", (1, H, W, 3), to alpha, (1, H, W, 1).

    The file scales the pixels itself. It takes them as float32 from 0 to 255 and returns alpha from 0 to 1, or takes
    and returns int8: a byte minus `SIGNED`. A second input, (1, H, W, 1) float32, is a trimap.
    One interpreter holds the tensors of one call, so calls from several threads take turns.
    threads: how many the network may use; None means one per core.
    overlap, enlarge_to: of tiles, see `InputSize`.
    Raises ModelError if LiteRT is missing or cannot run the file, and for a file that is not a matting network.
    """

    def __init__(self, model: Path, threads: int | None = None, *, overlap: int = 0, enlarge_to: int = 0) -> None:
        check_threads(threads)
        self._tiles = overlap, enlarge_to
        try:
            from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-untyped]
        except ImportError:
            raise ModelError(f"{model.name} runs in LiteRT; install it with: pip install ai-edge-litert") from None
        try:
            with native_quiet():
                interpreter = Interpreter(str(model), num_threads=threads or os.cpu_count())
                interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{model} is not a model that LiteRT can run ({error}); export it again") from None
        inputs, (self._output, *_) = interpreter.get_input_details(), interpreter.get_output_details()
        self._input, *self._trimap = sorted(inputs, key=lambda entry: -int(entry["shape"][-1]))
        shapes = tuple(self._input["shape"]), tuple(self._output["shape"]), *(tuple(t["shape"]) for t in self._trimap)
        if [len(shape) for shape in shapes[:2]] != [4, 4] or [s[3:] for s in shapes] not in (
            [(3,), (1,)],
            [(3,), (1,), (1,)],
        ):
            raise ModelError(
                f"{model} does not turn a (1, H, W, 3) picture into a (1, H, W, 1) matte; export a matting network"
            )
        self._shape: tuple[int, ...] = shapes[0]
        self._interpreter = interpreter
        self._lock = Lock()

    @property
    def size(self) -> InputSize:
        """The one size of the view, as a list of one."""
        _, height, width, _ = (int(n) for n in self._shape)
        side = max(height, width)
        return InputSize(side, side, side, ((width, height),), *self._tiles)

    @property
    def dtype(self) -> type[np.generic]:
        """np.float32, or np.int8 for a fully quantised file."""
        dtype: type[np.generic] = self._input["dtype"]
        return dtype

    @property
    def takes_trimap(self) -> bool:
        """Whether the network needs a trimap beside the view."""
        return bool(self._trimap)

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        """Predict the matte of a view, see `Engine.alpha`. The view may also be float32 from 0 to 255."""
        if view.shape != self._shape[1:]:
            wanted, found = (f"{width}x{height}" for height, width, _ in (self._shape[1:], view.shape))
            raise ModelError(f"this model takes {wanted} pixels, not {found}; resize the photo")
        pixels = np.asarray(view, np.float32)
        if self.dtype is np.int8:
            pixels = np.rint(pixels - SIGNED)
        with self._lock:
            self._interpreter.set_tensor(self._input["index"], np.ascontiguousarray(pixels[None], self.dtype))
            for entry in self._trimap:
                given = np.zeros(view.shape[:2], np.float32) if trimap is None else trimap
                self._interpreter.set_tensor(entry["index"], np.ascontiguousarray(given[None, ..., None]))
            self._interpreter.invoke()
            alpha = self._interpreter.get_tensor(self._output["index"])[0, ..., 0]
        if self._output["dtype"] is np.int8:
            alpha = np.divide(np.float32(SIGNED) + alpha, 255)
        check_alpha(alpha, view.shape[1], view.shape[0])
        return np.clip(alpha, 0, 1)
