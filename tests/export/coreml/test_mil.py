"""The interpreter of MIL: compare each operator with numpy, and operators in saved packages with torch."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import coremltools as ct  # type: ignore[import-untyped]
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from pspm_export.writers.converter_output import quiet
from pspm_export.writers.coreml.mil.program import Program
from pspm_export.writers.coreml.mil.registry import OPERATORS
from pspm_export.writers.coreml.writer import TARGET
from pspm_runtime.errors import ModelError
from torch import Tensor, nn

from pspm.operators.grid import grid_means, interpolate_grid

RNG = np.random.default_rng(0)
MAP = RNG.normal(size=(1, 2, 4, 6)).astype(np.float32)
OTHER = RNG.normal(size=(1, 2, 4, 6)).astype(np.float32)
MATRIX = RNG.normal(size=(3, 4)).astype(np.float32)
POSITIVE = np.abs(MAP) + 1
COUNTS = np.array([7, -7, 8])


class Case(NamedTuple):
    """inputs: arrays, numbers, strings or a list of arrays. expected: an array, or one for each output."""

    name: str
    inputs: dict[str, Any]
    expected: Any


def per_channel(values: list[float]) -> np.ndarray:
    return np.array(values, np.float32)[:, None, None]


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def erf(x: np.ndarray) -> np.ndarray:
    return np.vectorize(math.erf)(x)


def windows(x: np.ndarray, kernel: tuple[int, int], stride: int = 1) -> np.ndarray:
    """(N, C, H', W', kh, kw) of (N, C, H, W)."""
    return np.lib.stride_tricks.sliding_window_view(x, kernel, (2, 3))[:, :, ::stride, ::stride]


def padded(x: np.ndarray, value: float = 0.0) -> np.ndarray:
    """One row above, two below, three columns left and none right."""
    return np.pad(x, ((0, 0), (0, 0), (1, 2), (3, 0)), constant_values=value)


def softmax(x: np.ndarray, axis: int) -> np.ndarray:
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def normalised(x: np.ndarray, epsilon: float) -> np.ndarray:
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + epsilon)


WEIGHT = RNG.normal(size=(4, 1, 3, 3)).astype(np.float32)
BIAS = RNG.normal(size=4).astype(np.float32)
WINDOW = {"kernel_sizes": [2, 3], "strides": [1, 1], "ceil_mode": False}
CUSTOM = {"pad_type": "custom", "pad": [1, 2, 3, 0]}
VALID = {"pad_type": "valid", "pad": [9, 9, 9, 9]}
# Of two groups, the first two channels of the output see the first channel of the input.
CONVOLVED = np.stack([(windows(padded(MAP), (3, 3))[:, i // 2] * WEIGHT[i, 0]).sum((-2, -1)) for i in range(4)], 1)
PALETTE = np.array([0.0, 1.5, -2.0, 4.0], np.float32)

CASES = [
    Case(
        "constexpr_affine_dequantize",
        {"quantized_data": [[1, 2], [3, 4]], "zero_point": [1, -1], "scale": [0.5, 2.0], "axis": 0},
        [[0.0, 0.5], [8.0, 10.0]],
    ),
    # Two bits an index, the lowest first: 0b11_10_01_00 is 0, 1, 2, 3.
    Case(
        "constexpr_lut_to_dense",
        {"indices": [0b11100100, 0b00000001], "lut": PALETTE, "shape": [5, 1]},
        PALETTE[[0, 1, 2, 3, 1]][:, None],
    ),
    Case(
        "conv",
        {"x": MAP, "weight": WEIGHT, "strides": [1, 1], **CUSTOM, "dilations": [1, 1], "groups": 2, "bias": BIAS},
        CONVOLVED + BIAS[:, None, None],
    ),
    Case(
        "conv",
        {"x": MAP, "weight": WEIGHT, "strides": [1, 2], **VALID, "dilations": [1, 1], "groups": 2},
        CONVOLVED[:, :, 1:-2, 3::2],
    ),
    Case("linear", {"x": MATRIX, "weight": MATRIX * 2}, MATRIX @ (MATRIX * 2).T),
    Case("linear", {"x": MATRIX, "weight": MATRIX, "bias": BIAS[:3]}, MATRIX @ MATRIX.T + BIAS[:3]),
    Case("matmul", {"x": MATRIX, "y": MATRIX, "transpose_x": True, "transpose_y": False}, MATRIX.T @ MATRIX),
    Case("matmul", {"x": MATRIX, "y": MATRIX, "transpose_x": False, "transpose_y": True}, MATRIX @ MATRIX.T),
    Case("max_pool", {"x": MAP - 5, **WINDOW, **CUSTOM}, windows(padded(MAP - 5, -np.inf), (2, 3)).max((-2, -1))),
    Case("max_pool", {"x": MAP, **WINDOW, **VALID, "strides": [2, 2]}, windows(MAP, (2, 3), 2).max((-2, -1))),
    Case(
        "avg_pool",
        {"x": MAP, **WINDOW, **CUSTOM, "exclude_padding_from_average": False},
        windows(padded(MAP), (2, 3)).mean((-2, -1)),
    ),
    Case("add", {"x": MAP, "y": OTHER}, MAP + OTHER),
    Case("sub", {"x": MAP, "y": OTHER}, MAP - OTHER),
    Case("mul", {"x": MAP, "y": OTHER}, MAP * OTHER),
    Case("real_div", {"x": MAP, "y": OTHER}, MAP / OTHER),
    Case("floor_div", {"x": COUNTS, "y": 2}, [3, -4, 4]),
    Case("abs", {"x": MAP}, np.abs(MAP)),
    Case("greater", {"x": COUNTS, "y": 7}, [False, False, True]),
    Case("greater_equal", {"x": COUNTS, "y": 7}, [True, False, True]),
    Case("equal", {"x": COUNTS, "y": np.abs(COUNTS)}, [True, False, True]),
    Case("select", {"cond": MAP > 0, "a": MAP, "b": OTHER}, np.where(MAP > 0, MAP, OTHER)),
    Case("cast", {"x": np.float32([1.7, -1.7]), "dtype": "int32"}, np.float32([1, -1])),
    Case("cast", {"x": COUNTS, "dtype": "fp16"}, np.float32(COUNTS)),
    Case("cast", {"x": COUNTS, "dtype": "bool"}, COUNTS),
    Case("clip", {"x": MAP, "alpha": -0.5, "beta": 0.25}, MAP.clip(-0.5, 0.25)),
    Case("sqrt", {"x": POSITIVE}, np.sqrt(POSITIVE)),
    Case("relu", {"x": MAP}, np.maximum(MAP, 0)),
    Case("leaky_relu", {"x": MAP, "alpha": 0.1}, np.where(MAP > 0, MAP, np.float32(0.1) * MAP)),
    Case("sigmoid", {"x": MAP}, sigmoid(MAP)),
    Case("softplus", {"x": MAP}, np.log1p(np.exp(MAP))),
    Case("elu", {"x": MAP, "alpha": 0.5}, np.where(MAP > 0, MAP, 0.5 * np.expm1(MAP))),
    Case("sin", {"x": MAP}, np.sin(MAP)),
    Case("cos", {"x": MAP}, np.cos(MAP)),
    Case(
        "batch_norm",
        {
            "x": MAP,
            "mean": np.array([1, 2], np.float32),
            "variance": np.array([3, 4], np.float32),
            "gamma": np.array([5, 6], np.float32),
            "beta": np.array([7, 8], np.float32),
            "epsilon": 0.5,
        },
        (MAP - per_channel([1, 2])) / np.sqrt(per_channel([3, 4]) + 0.5) * per_channel([5, 6]) + per_channel([7, 8]),
    ),
    Case("tanh", {"x": MAP}, np.tanh(MAP)),
    Case("gelu", {"x": MAP, "mode": "EXACT"}, MAP * (1 + erf(MAP / np.sqrt(2))).astype(np.float32) / 2),
    Case("reduce_mean", {"x": MAP, "axes": [2, 3], "keep_dims": True}, MAP.mean((2, 3), keepdims=True)),
    Case("reduce_sum", {"x": MAP, "axes": [1], "keep_dims": False}, MAP.sum(1)),
    Case("reduce_max", {"x": MAP, "axes": [-1, 1], "keep_dims": False}, MAP.max((1, 3))),
    Case("softmax", {"x": MAP, "axis": 1}, softmax(MAP, 1)),
    Case(
        "layer_norm",
        {"x": MATRIX, "axes": [-1], "gamma": BIAS, "beta": 2 * BIAS, "epsilon": 0.1},
        normalised(MATRIX, 0.1) * BIAS + 2 * BIAS,
    ),
    Case("concat", {"values": [MAP, OTHER], "axis": -2, "interleave": False}, np.concatenate([MAP, OTHER], 2)),
    Case("concat", {"values": [np.int64(3), np.int64(4)], "axis": 0, "interleave": False}, [3, 4]),
    Case("stack", {"values": [MAP, OTHER], "axis": 1}, np.stack([MAP, OTHER], 1)),
    Case("split", {"x": MAP, "split_sizes": [1, 3], "axis": 2}, (MAP[:, :, :1], MAP[:, :, 1:])),
    Case("reshape", {"x": MAP, "shape": [0, -1, 3]}, MAP.reshape(1, 16, 3)),
    Case("transpose", {"x": MAP, "perm": [0, 2, 3, 1]}, MAP.transpose(0, 2, 3, 1)),
    Case("expand_dims", {"x": MATRIX, "axes": [0, -1]}, MATRIX[None, ..., None]),
    Case("tile", {"x": MATRIX, "reps": [2, 3]}, np.tile(MATRIX, (2, 3))),
    Case("shape", {"x": MAP}, [1, 2, 4, 6]),
    Case("fill", {"shape": [2, 3], "value": 0.5}, np.full((2, 3), 0.5)),
    Case("range_1d", {"start": 2, "end": 9, "step": 3}, [2, 5, 8]),
    Case("gather", {"x": MATRIX, "indices": [2, 0], "axis": 1, "batch_dims": 0}, MATRIX[:, [2, 0]]),
    Case("slice_by_index", {"x": MATRIX, "begin": [1, 0], "end": [3, -1]}, MATRIX[1:3, :-1]),
    Case(
        "slice_by_index",
        {
            "x": MATRIX,
            "begin": [1, 1],
            "end": [2, 0],
            "stride": [1, 2],
            "end_mask": [False, True],
            "squeeze_mask": [True, False],
        },
        MATRIX[1, 1::2],
    ),
    Case(
        "pad",
        {"x": MATRIX, "pad": [1, 0, 2, 3], "mode": "constant", "constant_val": 0.5},
        np.pad(MATRIX, ((1, 0), (2, 3)), constant_values=0.5),
    ),
    Case(
        "upsample_bilinear",
        {"x": np.float32([[[[0, 3]]]]), "scale_factor_height": 1.0, "scale_factor_width": 2.0, "align_corners": True},
        [[[[0, 1, 2, 3]]]],
    ),
    Case(
        "upsample_bilinear",
        {"x": np.float32([[[[0, 4]]]]), "scale_factor_height": 2.0, "scale_factor_width": 2.0, "align_corners": False},
        [[[[0, 1, 3, 4], [0, 1, 3, 4]]]],
    ),
    Case(
        "upsample_nearest_neighbor",
        {"x": MAP, "scale_factor_height": 2.0, "scale_factor_width": 3.0},
        MAP.repeat(2, 2).repeat(3, 3),
    ),
    Case(
        "pixel_shuffle",
        {"x": np.arange(4, dtype=np.float32).reshape(1, 4, 1, 1), "upscale_factor": 2},
        [[[[0, 1], [2, 3]]]],
    ),
]

REFUSED = [
    Case("gelu", {"x": MAP, "mode": "TANH_APPROXIMATION"}, "the mode 'TANH_APPROXIMATION'"),
    Case("pad", {"x": MATRIX, "pad": [1, 1], "mode": "reflect", "constant_val": 0.0}, "the mode 'reflect'"),
    Case("max_pool", {"x": MAP, **WINDOW, "pad_type": "same", "pad": [0] * 4}, "the padding 'same'"),
    Case("concat", {"values": [MAP], "axis": 1, "interleave": True}, "interleaved channels"),
    Case("gather", {"x": MATRIX, "indices": [0], "axis": 0, "batch_dims": 1}, "batches of indices"),
    Case(
        "layer_norm",
        {"x": MATRIX, "axes": [0], "gamma": BIAS, "beta": BIAS, "epsilon": 0.1},
        "other axes than the last one",
    ),
    Case(
        "avg_pool", {"x": MAP, **WINDOW, **CUSTOM, "exclude_padding_from_average": True}, "padding that does not count"
    ),
]


def as_input(value: Any) -> Any:
    """Convert an input to the type that the interpreter passes: a float32, int64 or bool tensor, or a string."""
    if isinstance(value, str):
        return value
    tensor = torch.from_numpy(np.array(value))
    return tensor.float() if tensor.dtype == torch.float64 else tensor


def computed(case: Case) -> Any:
    operator = OPERATORS[case.name]
    assert case.inputs.keys() <= set(operator.inputs)
    inputs = {
        name: [as_input(item) for item in value] if name == "values" else as_input(value)
        for name, value in case.inputs.items()
    }
    return operator.compute(**inputs)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_operator_computes_what_numpy_computes(case: Case) -> None:
    found, expected = computed(case), case.expected
    for one, wanted in zip(*((x if isinstance(x, tuple) else (x,)) for x in (found, expected)), strict=True):
        assert one.shape == np.shape(wanted)
        np.testing.assert_allclose(one.numpy(), wanted, rtol=1e-5, atol=1e-6)


def test_every_operator_has_a_case() -> None:
    assert {case.name for case in CASES} == set(OPERATORS)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_what_an_operator_does_not_interpret_is_named(case: Case) -> None:
    with pytest.raises(NotImplementedError) as refusal:
        computed(case)
    assert str(refusal.value) == case.expected


class Computes(nn.Module):
    """Wrap a function in a module."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def convert(module: nn.Module, folder: Path, *, half: bool = False) -> Program:
    """Save a module of one (1, 4, H, W) as a program, traced at 8x6 for sizes from 4 to 32."""
    sides = ct.RangeDim(4, 32, default=8), ct.RangeDim(4, 32, default=6)
    with quiet(), torch.no_grad():
        model = ct.convert(
            torch.jit.trace(module.eval(), torch.rand(1, 4, 8, 6), check_trace=False),
            convert_to="mlprogram",
            inputs=[ct.TensorType("x", (1, 4, *sides))],
            outputs=[ct.TensorType("y", dtype=np.float32)],
            minimum_deployment_target=TARGET,
            compute_precision=ct.precision.FLOAT16 if half else ct.precision.FLOAT32,
            skip_model_load=True,
        )
        model.save(str(folder / "m.mlpackage"))
    return Program(folder / "m.mlpackage")


def families() -> Iterator[tuple[str, nn.Module]]:
    """Modules for the families of operators, each with the operator that it must be converted to."""
    torch.manual_seed(0)
    yield "conv", nn.Conv2d(4, 6, 3, stride=2, padding=1)
    yield "conv", nn.Conv2d(4, 8, (5, 3), padding=(4, 2), dilation=2, groups=4, bias=False)
    yield "pad", Computes(lambda x: F.pad(x, (0, 1, 2, 3), value=0.5))
    yield "linear", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
    yield "max_pool", Computes(lambda x: F.max_pool2d(x - 5, 3, 2, 1))
    yield "avg_pool", nn.AvgPool2d(3, 2, 1)
    yield "upsample_bilinear", nn.Upsample(scale_factor=2, mode="bilinear")
    yield "upsample_bilinear", nn.Upsample(scale_factor=(2, 4), mode="bilinear", align_corners=True)
    yield "upsample_nearest_neighbor", nn.Upsample(scale_factor=(4, 2), mode="nearest")
    yield "pixel_shuffle", nn.PixelShuffle(2)
    yield "clip", nn.ReLU6()
    yield "relu", nn.ReLU()
    yield "sigmoid", nn.Sigmoid()
    yield "softmax", nn.Softmax(1)
    yield "split", Computes(lambda x: torch.cat([x.split([1, 3], 1)[1], x.split([1, 3], 1)[0]], 1))
    yield "stack", Computes(lambda x: torch.stack([x, x * 2, x - 1], 2))
    yield "reshape", Computes(lambda x: x.reshape(1, 2, 2, x.shape[2], x.shape[3]))
    yield "real_div", Computes(lambda x: x / (x + 3))
    yield "equal", Computes(lambda x: (x == F.interpolate(F.max_pool2d(x, 2), scale_factor=2)).to(x.dtype))
    yield "reduce_mean", Computes(lambda x: x - x.mean((2, 3), keepdim=True))
    yield "tile", Computes(lambda x: torch.ones(1, 1, 2, 2).repeat(1, 1, x.shape[2] // 2, x.shape[3] // 2) * x)
    yield "select", Computes(lambda x: x[:, :, :1, :1].expand(-1, -1, *x.shape[2:]) + x)
    yield "slice_by_index", Computes(lambda x: x[:, 1:3, 0][..., None])
    yield "range_1d", Computes(lambda x: interpolate_grid(grid_means(x, 3), x))
    yield "fill", Computes(lambda x: interpolate_grid(grid_means(x, 1), x))
    yield "expand_dims", Computes(lambda x: x.mean((2, 3))[:, :, None, None] * x)


@pytest.mark.parametrize(("operator", "module"), list(families()))
def test_a_saved_operator_computes_what_torch_computes(operator: str, module: nn.Module, tmp_path: Path) -> None:
    program = convert(module, tmp_path)
    assert operator in program.operators
    for size in ((8, 6), (12, 18)):
        x = torch.randn(1, 4, *size) * 3
        with torch.no_grad():
            torch.testing.assert_close(program.run({"x": x})["y"], module(x), atol=1e-5, rtol=1e-5)


def test_half_precision_is_rounded_after_every_operator(tmp_path: Path) -> None:
    program = convert(Computes(lambda x: (x * 1.1).sigmoid() * x - 0.3), tmp_path, half=True)
    x = torch.randn(1, 4, 8, 6)
    half = x.half()
    expected = (half * torch.tensor(1.1).half()).sigmoid() * half - torch.tensor(0.3).half()
    assert torch.equal(program.run({"x": x})["y"], expected.float())


def test_padding_that_we_do_not_interpret_is_refused(tmp_path: Path) -> None:
    program = convert(nn.AvgPool2d(3, 2, 1, count_include_pad=False), tmp_path)
    with pytest.raises(ModelError, match="computes avg_pool with padding that does not count"):
        program.run({"x": torch.rand(1, 4, 8, 6)})
