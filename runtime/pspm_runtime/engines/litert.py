"""A `.tflite` file in LiteRT, behind the interface that `Model` knows from ONNX Runtime."""

import os
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any

import numpy as np

from pspm_runtime.engines.native_stderr import native_quiet
from pspm_runtime.errors import ModelError

# How much less than a picture's bytes the signed ones of an int8 file are.
SIGNED = 128


class LiteRTSession:
    """One interpreter; its calls take turns, for it holds the tensors of one.

    threads: how many it may use; None is one a core. shape: of the picture, (1, H, W, 3). dtype: of it, float32 or
    int8. A second input, (1, H, W, 1) float32, is a trimap.
    Raises ModelError where LiteRT is missing or cannot run the file, and for a file that is no matting network.
    """

    def __init__(self, model: Path, threads: int | None) -> None:
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
        self.shape: tuple[int, ...] = shapes[0]
        self.dtype: type[np.generic] = self._input["dtype"]
        self._interpreter = interpreter
        self._lock = Lock()

    def get_inputs(self) -> list[Any]:
        """The picture, and the trimap if the network takes one."""
        return [SimpleNamespace(name=name) for name in ("image", "trimap")[: 1 + len(self._trimap)]]

    def run(self, _: None, feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        """The alpha, (1, 1, H, W) in [0, 1], of {"image": (1, 3, H, W)} in the manifest's range, both float32.

        A network that takes a trimap also gets {"trimap": (1, 1, H, W)}, float32, of -1, 0 and 1.
        Raises ModelError for another H or W than the file's.
        """
        image = feed["image"].transpose(0, 2, 3, 1)
        if image.shape != self.shape:
            wanted, found = (f"{width}x{height}" for _, height, width, _ in (self.shape, image.shape))
            raise ModelError(f"this model takes {wanted} pixels, not {found}; resize the photo")
        if self.dtype is np.int8:
            image = np.rint(image)
        with self._lock:
            self._interpreter.set_tensor(self._input["index"], np.ascontiguousarray(image, self.dtype))
            for entry in self._trimap:
                self._interpreter.set_tensor(entry["index"], feed["trimap"].transpose(0, 2, 3, 1))
            self._interpreter.invoke()
            alpha = self._interpreter.get_tensor(self._output["index"])
        if self._output["dtype"] is np.int8:
            alpha = np.divide(np.float32(SIGNED) + alpha, 255)
        return [alpha.transpose(0, 3, 1, 2)]
