"""Run a `.tflite` file in Android's engine as a second opinion: TensorFlow Lite 2.16.1, which apps get from Maven.

    python -m pspm_export.verification.android_engine model.tflite

runs the file there, in a separate environment made by uv, and prints how far its matte is from LiteRT's.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pspm_runtime.engines.litert import SIGNED, LiteRTEngine
from pspm_runtime.errors import ModelError

from pspm_export.verification.sample_inputs import sample_view

PACKAGE = "tensorflow-cpu==2.16.1"
PYTHON = "3.11"
UV = ("run", "--isolated", "--no-project", "--python", PYTHON, "--with", PACKAGE, "python", "-c")
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
    """uv or the package is not available, so nothing is known about the file."""


def run(model: Path, pixels: np.ndarray) -> np.ndarray:
    """The raw output of the file for an input of its own shape and type.

    Raises EngineMissingError, and ModelError if the engine cannot run the file.
    """
    # `uv run` sets UV for its children, wherever uv is installed.
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
            raise EngineMissingError(f"{PACKAGE} cannot be installed ({last})")
        return np.asarray(np.load(found))


def difference(model: Path) -> float:
    """The mean difference of the two engines' mattes, from 0 to 1, on the sample portrait.

    Raises EngineMissingError and ModelError.
    """
    engine = LiteRTEngine(model, threads=1)
    width, height = engine.size.sizes[0]
    view = sample_view(height, width)
    pixels = view.astype(np.float32) - (SIGNED if engine.dtype is np.int8 else 0)
    theirs = run(model, np.ascontiguousarray(pixels[None], engine.dtype))[0, ..., 0]
    if theirs.dtype == np.int8:
        theirs = np.divide(np.float32(SIGNED) + theirs, 255)
    return float(np.abs(engine.alpha(view) - theirs).mean())


if __name__ == "__main__":
    for name in sys.argv[1:]:
        try:
            print(f"{name}: mean difference {difference(Path(name)):.1e}")
        except EngineMissingError as missing:
            print(f"{name}: skipped, {missing}")
