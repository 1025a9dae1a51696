"""A second opinion on a `.tflite` file: TensorFlow Lite 2.16.1, the engine that Android apps get from Maven Central.

    python -m pspm_export.writers.tflite.android_engine model.tflite

runs the file in it, in an environment of its own that uv makes, and tells how far it is from LiteRT.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pspm_runtime.engines.litert import SIGNED, LiteRTEngine
from pspm_runtime.errors import ModelError

from pspm_export.plan.calibration import sample_input

PACKAGE = "tensorflow-cpu==2.16.1"
PYTHON = "3.11"
UV = ("run", "--isolated", "--no-project", "--python", PYTHON, "--with", PACKAGE, "python", "-c")
# The newest version of each operation that the engine knows for certain; no network of ours needs another operation.
KNOWN = {
    "ABS": 1,
    "ADD": 5,
    "AVERAGE_POOL_2D": 3,
    "BATCH_MATMUL": 1,
    "BROADCAST_TO": 3,
    "CAST": 5,
    "CEIL": 1,
    "CONCATENATION": 4,
    "CONV_2D": 7,
    "DEPTHWISE_CONV_2D": 7,
    "DEQUANTIZE": 5,
    "DIV": 2,
    "EQUAL": 4,
    "EXP": 2,
    "FULLY_CONNECTED": 10,
    "GREATER": 2,
    "LOG": 1,
    "GELU": 1,
    "LEAKY_RELU": 1,
    "LOGISTIC": 3,
    "MAX_POOL_2D": 3,
    "MAXIMUM": 4,
    "MEAN": 3,
    "MINIMUM": 4,
    "MUL": 7,
    "PACK": 4,
    "PAD": 4,
    "QUANTIZE": 3,
    "REDUCE_MAX": 3,
    "RELU": 3,
    "RELU6": 3,
    "RESHAPE": 1,
    "RESIZE_BILINEAR": 4,
    "RESIZE_NEAREST_NEIGHBOR": 4,
    "SELECT": 2,
    "RSQRT": 1,
    "SLICE": 6,
    "SOFTMAX": 3,
    "SPLIT": 4,
    "SQUARED_DIFFERENCE": 1,
    "SQRT": 1,
    "SQUEEZE": 2,
    "STRIDED_SLICE": 8,
    "SUB": 5,
    "SUM": 2,
    "TANH": 3,
    "TILE": 3,
    "TRANSPOSE": 6,
    "UNPACK": 4,
}
PROGRAM = """
import sys, numpy as np, tensorflow as tf
try:
    interpreter = tf.lite.Interpreter(sys.argv[1], num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], np.load(sys.argv[2]))
    interpreter.invoke()
    np.save(sys.argv[3], interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
except (RuntimeError, ValueError) as error:
    sys.exit(f"refused: {error}")
"""


class EngineMissingError(Exception):
    """uv or the package cannot be had here, which says nothing about the file."""


def refuse_newer(kinds: Iterable[tuple[str, int]]) -> None:
    """Raise ModelError for an operation, by name and version, that is not built into the engine."""
    newer = [f"{name} version {version}" for name, version in kinds if version > KNOWN.get(name, 0)]
    if newer:
        raise ModelError(
            f"{', '.join(newer)} would not run in TensorFlow Lite 2.16.1, which Android apps have; "
            "write the network without it"
        )


def run(model: Path, pixels: np.ndarray) -> np.ndarray:
    """The file's output, as it comes, for an input of its own shape and type.

    Raises EngineMissingError, and ModelError where the engine cannot run the file.
    """
    # What `uv run` has started finds it there, wherever it is installed.
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise EngineMissingError("uv is not installed")
    with TemporaryDirectory() as folder:
        given, found = Path(folder) / "pixels.npy", Path(folder) / "alpha.npy"
        np.save(given, pixels)
        done = subprocess.run(  # noqa: S603 - our own program on our own files
            [uv, *UV, PROGRAM, str(model), str(given), str(found)], capture_output=True, text=True, check=False
        )
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        if last.startswith("refused: "):
            raise ModelError(f"{model} does not run in TensorFlow Lite 2.16.1 ({last.removeprefix('refused: ')})")
        if done.returncode:
            raise EngineMissingError(f"{PACKAGE} cannot be had ({last})")
        return np.asarray(np.load(found))


def difference(model: Path) -> float:
    """The mean difference of the alphas, from 0 to 1, of the two engines on the sample portrait.

    Raises EngineMissingError and ModelError.
    """
    engine = LiteRTEngine(model, threads=1)
    width, height = engine.size.sizes[0]
    pixels = np.rint((sample_input(height, width)[0].permute(1, 2, 0).numpy() + 1) * 127.5)
    ours = engine.alpha(pixels)
    given = pixels - SIGNED if engine.dtype is np.int8 else pixels
    theirs = run(model, np.ascontiguousarray(given[None], engine.dtype))[0, ..., 0]
    if theirs.dtype == np.int8:
        theirs = np.divide(np.float32(SIGNED) + theirs, 255)
    return float(np.abs(ours - theirs).mean())


if __name__ == "__main__":
    for name in sys.argv[1:]:
        try:
            print(f"{name}: mean difference {difference(Path(name)):.1e}")
        except EngineMissingError as missing:
            print(f"{name}: skipped, {missing}")
