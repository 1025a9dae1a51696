"""ONNX files in ONNX Runtime."""

import os
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from pspm_runtime.engines.devices import Device, check_in_use, found_device, providers
from pspm_runtime.engines.external_data import check_external_data
from pspm_runtime.engines.limits import check_alpha, check_threads, cores
from pspm_runtime.engines.native_stderr import native_quiet
from pspm_runtime.errors import ModelError
from pspm_runtime.stages.network_view import InputSize
from pspm_runtime.turns import Turns

# Views of so many times the area of the size rule are large.
LARGE = 1.5


class OnnxEngine:
    """Runs an `.onnx` file: "image", (N, 3, H, W) float32, to alpha, (N, 1, H, W) float32.

    size: the sizes of the views that the network takes.
    mean, std: per channel; the network gets (pixels / 255 - mean) / std.
    trimap: the name of the second input, (N, 1, H, W), of a network that takes a trimap; else None.
    threads: how many the network may use; None means one per core.
    device: what runs it; see `found_device`.
    Raises ModelError without ONNX Runtime or the device, for a file that it cannot run, and for one that is not a
    matting network.
    """

    def __init__(
        self,
        model: Path,
        size: InputSize,
        *,
        mean: Sequence[float] = (0.5,) * 3,
        std: Sequence[float] = (0.5,) * 3,
        trimap: str | None = None,
        threads: int | None = None,
        device: Device = "cpu",
    ) -> None:
        self._size = size
        self._mean, self._std = np.asarray(mean, np.float32), np.asarray(std, np.float32)
        self._trimap = trimap
        check_threads(threads)
        self._session, self.device = _open_session(model, threads, device)
        # ONNX Runtime keeps the memory of every run at once, so more runs than cores only take more memory.
        # DirectML takes one run at a time.
        self._runs = Turns(1 if self.device == "directml" else cores())
        if not _is_matting_network(self._session, trimap):
            raise ModelError(
                f"{model} does not turn an (N, 3, H, W) picture into an (N, 1, H, W) matte; export a matting network"
            )
        image = self._session.get_inputs()[0]
        self._image, self._shape = image.name, image.shape

    def check_size_rule(self) -> None:
        """Raise ModelError where the file fixes a height or width that a view of `size` does not always have."""
        rule = self._size
        views = rule.sizes or ((rule.side, rule.side),)
        for side, fixed in zip((1, 0), self._shape[2:], strict=True):
            varies = not rule.sizes and not rule.side == rule.multiple == rule.longest
            if isinstance(fixed, int) and (varies or {view[side] for view in views} != {fixed}):
                height, width = self._shape[2:]
                raise ModelError(
                    f"the file takes {width}x{height} pixels, but its manifest names other sizes; export it again"
                )

    @property
    def size(self) -> InputSize:
        """The sizes of the views that the network takes."""
        return self._size

    @property
    def takes_trimap(self) -> bool:
        """Whether the network needs a trimap beside the view."""
        return self._trimap is not None

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        """Predict the matte of a view, see `Engine.alpha`."""
        pixels = np.asarray(view, np.float32) * (1 / (255 * self._std)) - self._mean / self._std
        image = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
        self._check_size(image)
        feed = {self._image: image}
        if self._trimap is not None:
            feed[self._trimap] = np.zeros_like(image[:, :1]) if trimap is None else trimap[None, None]
        alpha = self._run(feed)
        if alpha.shape[:2] == (1, 1):
            alpha = alpha[0, 0]
        check_alpha(alpha, image.shape[3], image.shape[2])
        return np.clip(alpha, 0, 1)

    def _run(self, feed: dict[str, np.ndarray]) -> np.ndarray:
        try:
            with self._runs.turn():
                return self._session.run(None, feed, self._run_options(feed[self._image].shape))[0]
        except Exception as error:
            height, width = feed[self._image].shape[2:]
            reason = " ".join(str(error).split())
            raise ModelError(f"the network fails on a view of {width}x{height} ({reason}); export it again") from None

    def _run_options(self, shape: tuple[int, ...]) -> Any:
        """Options of a run: after one at a view much larger than the size rule's, its memory goes back to the system.

        ONNX Runtime keeps memory for the next run, which is faster, but few runs need as much as a second look at all
        soft parts.
        """
        if self.device != "cpu" or shape[2] * shape[3] <= LARGE * self._size.side**2:
            return None
        return _shrinking()

    def give_back_memory(self) -> None:
        """Give the memory back to the system that is kept for the next run, which takes half as long again once.

        Only a run can do so; this one is at a view that is as small as the size rule allows, or twice as large.
        """
        if self.device != "cpu":
            return
        rule = self._size
        side = min(2 * rule.multiple, rule.longest)
        width, height = rule.sizes[0] if rule.sizes else (side, side)
        feed = {self._image: np.zeros((1, 3, height, width), np.float32)}
        if self._trimap is not None:
            feed[self._trimap] = np.zeros((1, 1, height, width), np.float32)
        with self._runs.turn():
            self._session.run(None, feed, _shrinking())

    def _check_size(self, image: np.ndarray) -> None:
        """Raise ModelError where the file fixes a height or width that the image does not have."""
        for fixed, found in zip(self._shape[2:], image.shape[2:], strict=True):
            if isinstance(fixed, int) and fixed != found:
                height, width = self._shape[2:]
                raise ModelError(
                    f"this model takes {width}x{height} pixels, not {image.shape[3]}x{image.shape[2]}; resize the photo"
                )


def _shrinking() -> Any:
    """Options of a run after which the memory that ONNX Runtime keeps goes back to the system."""
    import onnxruntime

    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def _open_session(model: Path, threads: int | None, device: Device) -> tuple[Any, str]:
    """The session of a file, and the device that it runs on."""
    # Imported here because it takes longer than everything else together, and `import pspm` should be instant.
    try:
        import onnxruntime
    except ImportError as error:
        reason = " ".join(str(error).split())
        raise ModelError(
            f"{model.name} runs in ONNX Runtime, which cannot be loaded ({reason}); pip install onnxruntime"
        ) from None
    try:
        check_external_data(model)
    except OSError as error:
        raise ModelError(f"{model} cannot be read ({error.strerror}); export it again") from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # A plan of the memory of each size of view takes 24 MB with `mobile`, and no less time.
    options.enable_mem_pattern = False
    options.intra_op_num_threads = threads or 0
    # Threads that spin while they wait for the next photo keep a core busy for nothing.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    found = found_device(device)
    if found == "directml":  # which runs nodes one after the other, in memory of its own
        options.enable_mem_pattern = False
    try:
        with nullcontext() if found == "cpu" else native_quiet():
            session = onnxruntime.InferenceSession(os.fspath(model), options, providers=providers(found))
    except Exception as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"{model} is not a model that ONNX Runtime can run ({reason}); export it again") from None

    if device != "auto":
        check_in_use(found, session.get_providers())
    elif providers(found)[0] not in session.get_providers():
        found = "cpu"
    return session, found


def _is_matting_network(session: Any, trimap: str | None) -> bool:
    """Whether the inputs are an image and a trimap if any, and the first output a matte, as far as shapes tell."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    return (
        bool(inputs and outputs)
        and [entry.name for entry in inputs[1:]] == ([] if trimap is None else [trimap])
        and inputs[0].type == outputs[0].type == "tensor(float)"
        and len(inputs[0].shape) == len(outputs[0].shape) == 4
        and inputs[0].shape[1] == 3
        and outputs[0].shape[1] == 1
    )
