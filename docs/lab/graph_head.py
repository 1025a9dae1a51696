"""Measure the stages on the view's grid as a part of the exported graph: see graph-head.md.

python docs/lab/graph_head.py FOLDER [ROUNDS]

exports `mobile` alone and with such a head to ONNX and TFLite, at 256 and 512 pixels, and prints the files' sizes, how
far the head's results are from the runtime's, and the CPU time of each on one thread, measured in turn.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import litert_torch  # type: ignore[import-untyped]
import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F
from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-untyped]
from pspm_export.plan.source_network import find_trained
from pspm_export.writers.lowering import AlphaOnly, lower
from pspm_export.writers.tflite.channels_last import ChannelsLast
from pspm_runtime.constants import EPSILON, HAZE, JUMP, STILL
from pspm_runtime.spec.pictures import portrait
from pspm_runtime.stages.refine import linear_models, luma, settle
from pspm_runtime.stages.temporal_smoothing import smooth
from torch import Tensor, nn

from pspm.bn_folding import fold_norms

SIDES = 256, 512
Run = Callable[[], list[np.ndarray]]


class Head(nn.Module):
    """Smoothing, settle, luma and linear models: alpha, an image in [0, 1] and the matte shown before, (1, C, H, W).

    Returns the matte to show, slope and offset. A matte before of -1 starts a new sequence.
    """

    def forward(self, alpha: Tensor, image: Tensor, previous: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        difference = alpha - previous
        shown = previous + torch.clamp(float(STILL) + difference.abs() / float(JUMP), max=1) * difference
        settled = torch.clamp((shown - float(HAZE)) / (1 - 2 * float(HAZE)), 0, 1)
        guide = 0.299 * image[:, 0:1] + 0.587 * image[:, 1:2] + 0.114 * image[:, 2:3]
        means = _means(torch.cat([guide, settled, guide * settled, guide * guide], 1))
        mean_guide, mean_alpha, product, square = (means[:, i : i + 1] for i in range(4))
        slope = (product - mean_guide * mean_alpha) / (square - mean_guide * mean_guide + float(EPSILON))
        slope = _means(slope)
        return shown, slope, settled - slope * guide


class OnnxWithHead(nn.Module):
    """A network for ONNX, image in [-1, 1], with the head."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network, self.head = network, Head()

    def forward(self, image: Tensor, previous: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        made: tuple[Tensor, Tensor, Tensor] = self.head(self.network(image), (image + 1) / 2, previous)
        return made


class TFLiteWithHead(nn.Module):
    """A network for TFLite, image in 0..255 and channels last, with the head."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network, self.head = network, Head()

    def forward(self, image: Tensor, previous: Tensor) -> dict[str, Tensor]:
        alpha = self.network(image)["alpha"].permute(0, 3, 1, 2)
        made = self.head(alpha, image.permute(0, 3, 1, 2) / 255, previous.permute(0, 3, 1, 2))
        return {name: x.permute(0, 2, 3, 1) for name, x in zip(("shown", "slope", "offset"), made, strict=True)}


def _means(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


@torch.no_grad()
def export(folder: Path, side: int) -> None:
    """Write the four files of a side."""
    alone = lower(fold_norms(AlphaOnly(find_trained(None, "mobile")[0]))).eval()
    last = ChannelsLast(alone).eval()
    image, previous = torch.zeros(1, 3, side, side), torch.zeros(1, 1, side, side)
    for name, onnx_model, tflite_model in (
        ("alone", alone, last),
        ("head", OnnxWithHead(alone).eval(), TFLiteWithHead(last).eval()),
    ):
        given = {"image": image, "previous": previous} if name == "head" else {"image": image}
        program = torch.onnx.export(
            onnx_model, tuple(given.values()), dynamo=True, opset_version=18, input_names=list(given), verbose=False
        )
        if program:
            program.save(folder / f"{name}-{side}.onnx", external_data=False)
        given = {key: x.permute(0, 2, 3, 1) for key, x in given.items()}
        content = bytes(litert_torch.convert(tflite_model, sample_kwargs=given).model_content())
        (folder / f"{name}-{side}.tflite").write_bytes(content)


def onnx_run(path: Path, given: dict[str, np.ndarray]) -> Run:
    """A run of an ONNX file on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options)
    return lambda: [np.asarray(x) for x in session.run(None, given)]


def tflite_run(path: Path, given: list[np.ndarray]) -> Run:
    """A run of a TFLite file on one thread; inputs are found by their shapes."""
    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    by_shape = {x.shape: x for x in given}

    def run() -> list[np.ndarray]:
        for one in interpreter.get_input_details():
            interpreter.set_tensor(one["index"], by_shape[tuple(one["shape"])])
        interpreter.invoke()
        return [interpreter.get_tensor(one["index"]) for one in interpreter.get_output_details()]

    return run


def measure(folder: Path, side: int, rounds: int) -> None:
    """Print sizes, differences and times of a side."""
    view = portrait(side, side)
    pixels = np.asarray(view, np.float32)[None]
    planes = np.ascontiguousarray((pixels / 127.5 - 1).transpose(0, 3, 1, 2))
    runs = {"ONNX alone": onnx_run(folder / f"alone-{side}.onnx", {"image": planes})}
    alpha = runs["ONNX alone"]()[0][0, 0]
    previous = np.roll(alpha, 3, 1)
    given = {"image": planes, "previous": previous[None, None]}
    runs["ONNX with head"] = onnx_run(folder / f"head-{side}.onnx", given)
    runs["TFLite alone"] = tflite_run(folder / f"alone-{side}.tflite", [pixels])
    runs["TFLite with head"] = tflite_run(folder / f"head-{side}.tflite", [pixels, previous[None, ..., None]])

    def stages() -> list[np.ndarray]:
        shown = smooth(alpha, previous)
        return [shown, *linear_models(luma(view), settle(shown))]

    runs["stages in NumPy"] = stages
    expected, found = stages(), [x[0, 0] for x in runs["ONNX with head"]()]
    moved = [float(np.abs(one - other).max()) for one, other in zip(found, expected, strict=True)]
    print(f"{side}: shown, slope and offset of ONNX are at most {moved[0]:.1e}, {moved[1]:.1e}, {moved[2]:.1e} away")
    for path in sorted(folder.glob(f"*-{side}.*")):
        print(f"{side}: {path.name} has {path.stat().st_size:,} bytes")
    times: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            start = time.process_time()
            run()
            if number:
                times[name].append((time.process_time() - start) * 1000)
    for name, all_times in times.items():
        print(f"{side}: {name:17s} least {min(all_times):6.1f} ms, median {np.median(all_times):6.1f} ms of CPU time")


def main() -> None:
    """Export what is missing and measure."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for side in SIDES:
        if not (folder / f"head-{side}.tflite").is_file():
            export(folder, side)
        measure(folder, side, int(sys.argv[2]) if len(sys.argv) > 2 else 30)


if __name__ == "__main__":
    main()
