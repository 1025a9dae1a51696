"""The program of a saved Core ML package, computed without Core ML, which exists on Apple's systems only.

The package is read from disk: the program from the specification, the weights from weight.bin, compressed ones as they
are stored. Every operator is computed in float32 and its result rounded to the type that the file declares for it.

Where this agrees with torch, the file is right: its weights and their compression, its graph, paddings, scales and the
preprocessing of the image. It is no proof of what a phone computes: what an operator means is our reading of Apple's
definition of MIL, and the kernels of Core ML, the arithmetic of GPU and Neural Engine (which may add up in half
precision where we do not) and every latency can only be seen there.
"""

import inspect
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from pspm_runtime.errors import ModelError
from torch import Tensor

from pspm_export.writers.converter_output import quiet

with quiet():
    from coremltools.proto import MIL_pb2, Model_pb2  # type: ignore[import-untyped]

SPECIFICATION = Path("Data/com.apple.CoreML/model.mlmodel")
WEIGHTS = Path("Data/com.apple.CoreML/weights/weight.bin")
BLOB_HEADER = struct.Struct("<IIQQ")
BLOB_SENTINEL = 0xDEADBEEF
TYPES = {
    MIL_pb2.BOOL: np.bool_,
    MIL_pb2.INT8: np.int8,
    MIL_pb2.UINT8: np.uint8,
    MIL_pb2.INT16: np.int16,
    MIL_pb2.UINT16: np.uint16,
    MIL_pb2.INT32: np.int32,
    MIL_pb2.UINT32: np.uint32,
    MIL_pb2.FLOAT16: np.float16,
    MIL_pb2.FLOAT32: np.float32,
}

Value = Tensor | str
OPERATORS: dict[str, Callable[..., Tensor | tuple[Tensor, ...]]] = {}


class Step(NamedTuple):
    """One operator: where its named inputs come from, and what its outputs are called and stored as."""

    kind: str
    inputs: dict[str, list[str]]
    outputs: list[str]
    types: list[int]


class Program:
    """The main function of a package.

    specification: all that the file says of itself. operators: how often each kind occurs, decompressions of weights
    included, plain constants not.
    Raises ModelError for a package that cannot be read, and for an operator that is not in `OPERATORS`, by its name.
    """

    def __init__(self, package: Path) -> None:
        self.package = package
        self.specification = Model_pb2.Model()
        try:
            self.specification.ParseFromString((package / SPECIFICATION).read_bytes())
            self._weights = (package / WEIGHTS).read_bytes() if (package / WEIGHTS).exists() else b""
        except OSError as error:
            raise ModelError(f"{package} cannot be read ({error.strerror}); export it again") from None
        except DecodeError:
            raise ModelError(f"{package} is damaged; export it again") from None
        if "main" not in self.specification.mlProgram.functions:
            raise ModelError(f"{package} holds no ML program; export it again")
        main = self.specification.mlProgram.functions["main"]
        block = main.block_specializations[main.opset]
        self.inputs = {value.name: value.type.tensorType.dataType for value in main.inputs}
        self.outputs = list(block.outputs)
        self.operators = Counter(operation.type for operation in block.operations if operation.type != "const")
        self.constants: dict[str, Value] = {}
        self.steps: list[Step] = []
        for operation in block.operations:
            self._add(operation)

    def run(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """The outputs by name for the inputs by name, float32 tensors."""
        values: dict[str, Any] = {name: _stored_as(kind, inputs[name]) for name, kind in self.inputs.items()}
        waiting = Counter(name for step in self.steps for names in step.inputs.values() for name in names)
        waiting.update(self.outputs)
        with torch.no_grad():
            for step in self.steps:
                values.update(self._compute(step, values))
                for name in (name for names in step.inputs.values() for name in names):
                    waiting[name] -= 1
                    if not waiting[name]:  # what nobody asks for again makes room: a large photo needs it
                        values.pop(name, None)
        return {name: values[name] for name in self.outputs}

    def _add(self, operation: Any) -> None:
        """One operation of the file: constants are worked out now, the rest whenever the program runs."""
        (name, *_), types = [o.name for o in operation.outputs], [o.type.tensorType.dataType for o in operation.outputs]
        if operation.type == "const":
            self.constants[name] = self._read(operation.attributes["val"])
            return
        inputs = {}
        for key, value in operation.inputs.items():
            inputs[key] = [argument.name or f"{name}.{key}.{i}" for i, argument in enumerate(value.arguments)]
            for source, argument in zip(inputs[key], value.arguments, strict=True):
                if argument.WhichOneof("binding") == "value":
                    self.constants[source] = self._read(argument.value)
        if operation.type.startswith("constexpr_"):  # their arguments are attributes
            for key, value in operation.attributes.items():
                if key != "name":
                    inputs[key] = [f"{name}.{key}"]
                    self.constants[f"{name}.{key}"] = self._read(value)
        step = Step(operation.type, inputs, [o.name for o in operation.outputs], types)
        self._check(step)
        if operation.type.startswith("constexpr_"):
            self.constants.update(self._compute(step, {}))
        else:
            self.steps.append(step)

    def _check(self, step: Step) -> None:
        if step.kind not in OPERATORS:
            raise ModelError(f"{self.package} computes {step.kind}, which the interpreter of MIL does not know")
        unknown = step.inputs.keys() - inspect.signature(OPERATORS[step.kind]).parameters.keys()
        if unknown:
            raise ModelError(f"{self.package} gives {step.kind} {', '.join(sorted(unknown))}, which is not interpreted")

    def _compute(self, step: Step, values: dict[str, Any]) -> dict[str, Tensor]:
        arguments: dict[str, Any] = {}
        for key, names in step.inputs.items():
            found = [values[name] if name in values else self.constants[name] for name in names]
            arguments[key] = found if key == "values" else found[0]
        try:
            results = OPERATORS[step.kind](**arguments)
        except NotImplementedError as error:
            raise ModelError(f"{self.package} computes {step.kind} with {error}, which is not interpreted") from None
        results = results if isinstance(results, tuple) else (results,)
        return {
            name: _stored_as(kind, result) for name, kind, result in zip(step.outputs, step.types, results, strict=True)
        }

    def _read(self, value: Any) -> Value:
        """A constant of the file; floats become float32, integers int64."""
        kind, dimensions = value.type.tensorType.dataType, value.type.tensorType.dimensions
        if kind == MIL_pb2.STRING:
            return str(value.immediateValue.tensor.strings.values[0])
        if value.WhichOneof("value") == "blobFileValue":
            numbers = self._blob(value.blobFileValue.offset, TYPES[kind])
        else:
            tensor = value.immediateValue.tensor
            field = tensor.WhichOneof("value")
            content = getattr(tensor, field).values
            numbers = np.frombuffer(content, TYPES[kind]) if field == "bytes" else np.array(content, TYPES[kind])
        return _stored_as(kind, torch.from_numpy(_widened(numbers)).reshape([d.constant.size for d in dimensions]))

    def _blob(self, offset: int, kind: type[np.generic]) -> np.ndarray:
        """One tensor of weight.bin: a sentinel, its type, its size in bytes and where it starts precede it."""
        if offset + BLOB_HEADER.size <= len(self._weights):
            sentinel, _, size, start = BLOB_HEADER.unpack_from(self._weights, offset)
            if sentinel == BLOB_SENTINEL and start + size <= len(self._weights):
                return np.frombuffer(self._weights[start : start + size], kind)
        raise ModelError(f"{self.package / WEIGHTS} holds no weight at byte {offset}; export it again")


def _widened(numbers: np.ndarray) -> np.ndarray:
    """What torch computes with: float32, int64 or bool."""
    if numbers.dtype.kind == "f":
        return numbers.astype(np.float32)
    return numbers.astype(np.int64) if numbers.dtype.kind in "iu" else numbers.copy()


def _stored_as(kind: int, value: Tensor) -> Tensor:
    """A result rounded to the type that the file declares, and held in float32, int64 or bool again."""
    if kind == MIL_pb2.FLOAT16:
        return value.half().float()
    if kind == MIL_pb2.FLOAT32:
        return value.float()
    return value.bool() if kind == MIL_pb2.BOOL else value.long()


def operator(function: Callable[..., Any]) -> Callable[..., Any]:
    """Enter a function in `OPERATORS`: it has the name of the MIL operator, and the operator's inputs as arguments."""
    OPERATORS[function.__name__] = function
    return function


@operator
def constexpr_affine_dequantize(quantized_data: Tensor, zero_point: Tensor, scale: Tensor, axis: Tensor) -> Tensor:
    shape = [1] * quantized_data.ndim
    shape[int(axis)] = -1
    return scale.reshape(shape) * (quantized_data - zero_point.reshape(shape))


@operator
def constexpr_lut_to_dense(indices: Tensor, lut: Tensor, shape: Tensor) -> Tensor:
    """The indices are packed without gaps, the lowest bit first."""
    bits = lut.numel().bit_length() - 1
    stream = np.unpackbits(indices.numpy().astype(np.uint8), bitorder="little")
    stream = stream[: bits * int(shape.prod())].reshape(-1, bits)
    return lut[torch.from_numpy(stream @ (1 << np.arange(bits)))].reshape(shape.tolist())


@operator
def cast(x: Tensor, dtype: str) -> Tensor:
    """The rounding itself is that of the declared type; only floats lose their fraction here."""
    return x.float() if dtype.startswith("fp") else x.trunc() if x.is_floating_point() else x


@operator
def conv(
    x: Tensor,
    weight: Tensor,
    strides: Tensor,
    pad_type: str,
    pad: Tensor,
    dilations: Tensor,
    groups: Tensor,
    bias: Tensor | None = None,
) -> Tensor:
    x = _pad_plane(x, pad_type, pad, 0.0)
    return F.conv2d(x, weight, bias, strides.tolist(), 0, dilations.tolist(), int(groups))


@operator
def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return F.linear(x, weight, bias)


@operator
def matmul(x: Tensor, y: Tensor, transpose_x: Tensor, transpose_y: Tensor) -> Tensor:
    return (x.mT if bool(transpose_x) else x) @ (y.mT if bool(transpose_y) else y)


@operator
def layer_norm(x: Tensor, axes: Tensor, gamma: Tensor, beta: Tensor, epsilon: Tensor) -> Tensor:
    if axes.tolist() not in ([-1], [x.ndim - 1]):
        raise NotImplementedError("other axes than the last one")
    return F.layer_norm(x, gamma.shape, gamma, beta, float(epsilon))


@operator
def gelu(x: Tensor, mode: str) -> Tensor:
    if mode != "EXACT":
        raise NotImplementedError(f"the mode {mode!r}")
    return F.gelu(x)


@operator
def max_pool(x: Tensor, kernel_sizes: Tensor, strides: Tensor, pad_type: str, pad: Tensor, ceil_mode: Tensor) -> Tensor:
    x = _pad_plane(x, pad_type, pad, -torch.inf)
    return F.max_pool2d(x, kernel_sizes.tolist(), strides.tolist(), ceil_mode=bool(ceil_mode))


@operator
def avg_pool(
    x: Tensor,
    kernel_sizes: Tensor,
    strides: Tensor,
    pad_type: str,
    pad: Tensor,
    ceil_mode: Tensor,
    exclude_padding_from_average: Tensor,
) -> Tensor:
    if bool(pad.any()) and bool(exclude_padding_from_average):
        raise NotImplementedError("padding that does not count")
    x = _pad_plane(x, pad_type, pad, 0.0)
    return F.avg_pool2d(x, kernel_sizes.tolist(), strides.tolist(), ceil_mode=bool(ceil_mode))


def _pad_plane(x: Tensor, pad_type: str, pad: Tensor, value: float) -> Tensor:
    """MIL's order is top, bottom, left, right; "valid" ignores the numbers."""
    if pad_type == "valid":
        return x
    if pad_type != "custom":
        raise NotImplementedError(f"the padding {pad_type!r}")
    top, bottom, left, right = pad.tolist()
    return F.pad(x, (left, right, top, bottom), value=value)


@operator
def pad(x: Tensor, pad: Tensor, mode: str, constant_val: Tensor) -> Tensor:
    """Two numbers for each dimension, the first dimension first; torch wants the last one first."""
    if mode != "constant":
        raise NotImplementedError(f"the mode {mode!r}")
    return F.pad(x, pad.reshape(-1, 2).flip(0).flatten().tolist(), value=float(constant_val))


@operator
def upsample_bilinear(
    x: Tensor, scale_factor_height: Tensor, scale_factor_width: Tensor, align_corners: Tensor
) -> Tensor:
    size = _scaled(x, scale_factor_height, scale_factor_width)
    return F.interpolate(x, size, mode="bilinear", align_corners=bool(align_corners))


@operator
def upsample_nearest_neighbor(x: Tensor, scale_factor_height: Tensor, scale_factor_width: Tensor) -> Tensor:
    return F.interpolate(x, _scaled(x, scale_factor_height, scale_factor_width), mode="nearest")


def _scaled(x: Tensor, height: Tensor, width: Tensor) -> list[int]:
    return [int(x.shape[-2] * height), int(x.shape[-1] * width)]


@operator
def pixel_shuffle(x: Tensor, upscale_factor: Tensor) -> Tensor:
    return F.pixel_shuffle(x, int(upscale_factor))


@operator
def clip(x: Tensor, alpha: Tensor, beta: Tensor) -> Tensor:
    return x.clamp(float(alpha), float(beta))


@operator
def relu(x: Tensor) -> Tensor:
    return x.relu()


@operator
def leaky_relu(x: Tensor, alpha: Tensor) -> Tensor:
    return F.leaky_relu(x, float(alpha))


@operator
def sigmoid(x: Tensor) -> Tensor:
    return x.sigmoid()


@operator
def softplus(x: Tensor) -> Tensor:
    return F.softplus(x)


@operator
def tanh(x: Tensor) -> Tensor:
    return x.tanh()


@operator
def sqrt(x: Tensor) -> Tensor:
    return x.sqrt()


@operator
def softmax(x: Tensor, axis: Tensor) -> Tensor:
    return x.softmax(int(axis))


@operator
def add(x: Tensor, y: Tensor) -> Tensor:
    return x + y


@operator
def sub(x: Tensor, y: Tensor) -> Tensor:
    return x - y


@operator
def mul(x: Tensor, y: Tensor) -> Tensor:
    return x * y


@operator
def real_div(x: Tensor, y: Tensor) -> Tensor:
    return x / y


@operator
def floor_div(x: Tensor, y: Tensor) -> Tensor:
    return torch.floor_divide(x, y)


@operator
def equal(x: Tensor, y: Tensor) -> Tensor:
    return x == y


@operator
def select(cond: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return torch.where(cond, a, b)


@operator
def reduce_mean(x: Tensor, axes: Tensor, keep_dims: Tensor) -> Tensor:
    return x.mean(axes.tolist(), keepdim=bool(keep_dims))


@operator
def reduce_sum(x: Tensor, axes: Tensor, keep_dims: Tensor) -> Tensor:
    return x.sum(axes.tolist(), keepdim=bool(keep_dims))


@operator
def reduce_max(x: Tensor, axes: Tensor, keep_dims: Tensor) -> Tensor:
    return x.amax(axes.tolist(), keepdim=bool(keep_dims))


@operator
def concat(values: list[Tensor], axis: Tensor, interleave: Tensor) -> Tensor:
    if bool(interleave):
        raise NotImplementedError("interleaved channels")
    return torch.cat([value if value.ndim else value[None] for value in values], int(axis))


@operator
def stack(values: list[Tensor], axis: Tensor) -> Tensor:
    return torch.stack(values, int(axis))


@operator
def split(x: Tensor, split_sizes: Tensor, axis: Tensor) -> tuple[Tensor, ...]:
    return x.split(split_sizes.tolist(), int(axis))


@operator
def reshape(x: Tensor, shape: Tensor) -> Tensor:
    """0 keeps a length, -1 is the rest."""
    return x.reshape([length or x.shape[i] for i, length in enumerate(shape.tolist())])


@operator
def transpose(x: Tensor, perm: Tensor) -> Tensor:
    return x.permute(perm.tolist())


@operator
def expand_dims(x: Tensor, axes: Tensor) -> Tensor:
    for axis in axes.tolist():
        x = x.unsqueeze(axis)
    return x


@operator
def tile(x: Tensor, reps: Tensor) -> Tensor:
    return x.repeat(reps.tolist())


@operator
def shape(x: Tensor) -> Tensor:
    return torch.tensor(x.shape)


@operator
def gather(x: Tensor, indices: Tensor, axis: Tensor, batch_dims: Tensor) -> Tensor:
    if int(batch_dims):
        raise NotImplementedError("batches of indices")
    return torch.from_numpy(np.array(x.numpy().take(indices.numpy(), int(axis))))


@operator
def slice_by_index(
    x: Tensor,
    begin: Tensor,
    end: Tensor,
    stride: Tensor | None = None,
    end_mask: Tensor | None = None,
    squeeze_mask: Tensor | None = None,
) -> Tensor:
    """A mask that is set at a dimension takes it to its end, or drops it after the slice."""
    strides = [1] * x.ndim if stride is None else stride.tolist()
    to_end = [False] * x.ndim if end_mask is None else end_mask.tolist()
    drops = [False] * x.ndim if squeeze_mask is None else squeeze_mask.tolist()
    for axis, (first, last, rest) in enumerate(zip(begin.tolist(), end.tolist(), to_end, strict=True)):
        length = x.shape[axis]
        stop = length if rest else last % length or length
        x = x.narrow(axis, first, stop - first)
    return x[tuple(0 if drop else slice(None, None, step) for drop, step in zip(drops, strides, strict=True))]
