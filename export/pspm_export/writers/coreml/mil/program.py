"""The program of a saved Core ML package: read it, and run it on tensors."""

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import torch
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from pspm_runtime.errors import ModelError
from torch import Tensor

from pspm_export.writers.converter_output import quiet
from pspm_export.writers.coreml.mil.constants import Constants, Value, stored_as
from pspm_export.writers.coreml.mil.registry import OPERATORS

with quiet():
    from coremltools.proto import Model_pb2  # type: ignore[import-untyped]

SPECIFICATION = Path("Data/com.apple.CoreML/model.mlmodel")


class Step(NamedTuple):
    """One operation: the sources of its inputs by the input's name, and the names and types of its outputs."""

    kind: str
    inputs: dict[str, list[str]]
    outputs: list[str]
    types: list[int]


class Program:
    """The main function of a package.

    specification: the whole description in the file. inputs: their types by name. operators: how often each kind
    occurs, counting decompressions of weights and not plain constants.
    Raises ModelError for a package that cannot be read, and for an operator that is missing in `OPERATORS`.
    """

    def __init__(self, package: Path) -> None:
        self.package = package
        self.specification = Model_pb2.Model()
        try:
            self.specification.ParseFromString((package / SPECIFICATION).read_bytes())
            self._file = Constants(package)
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
        """Compute the outputs by name from the inputs by name, float32 tensors."""
        values: dict[str, Any] = {name: stored_as(kind, inputs[name]) for name, kind in self.inputs.items()}
        waiting = Counter(name for step in self.steps for names in step.inputs.values() for name in names)
        waiting.update(self.outputs)
        with torch.no_grad():
            for step in self.steps:
                values.update(self._compute(step, values))
                for name in (name for names in step.inputs.values() for name in names):
                    waiting[name] -= 1
                    if not waiting[name]:  # free what no later step reads: a large photo needs the memory
                        values.pop(name, None)
        return {name: values[name] for name in self.outputs}

    def _add(self, operation: Any) -> None:
        """Add one operation of the file. Constants are computed now, all other operations on each run."""
        (name, *_), types = [o.name for o in operation.outputs], [o.type.tensorType.dataType for o in operation.outputs]
        if operation.type == "const":
            self.constants[name] = self._file.read(operation.attributes["val"])
            return
        inputs = {}
        for key, value in operation.inputs.items():
            inputs[key] = [argument.name or f"{name}.{key}.{i}" for i, argument in enumerate(value.arguments)]
            for source, argument in zip(inputs[key], value.arguments, strict=True):
                if argument.WhichOneof("binding") == "value":
                    self.constants[source] = self._file.read(argument.value)
        if operation.type.startswith("constexpr_"):  # these have their inputs as attributes
            for key, value in operation.attributes.items():
                if key != "name":
                    inputs[key] = [f"{name}.{key}"]
                    self.constants[f"{name}.{key}"] = self._file.read(value)
        step = Step(operation.type, inputs, [o.name for o in operation.outputs], types)
        self._check(step)
        if operation.type.startswith("constexpr_"):
            self.constants.update(self._compute(step, {}))
        else:
            self.steps.append(step)

    def _check(self, step: Step) -> None:
        if step.kind not in OPERATORS:
            raise ModelError(f"{self.package} computes {step.kind}, which the interpreter of MIL does not know")
        unknown = step.inputs.keys() - set(OPERATORS[step.kind].inputs)
        if unknown:
            raise ModelError(f"{self.package} gives {step.kind} {', '.join(sorted(unknown))}, which is not interpreted")

    def _compute(self, step: Step, values: dict[str, Any]) -> dict[str, Tensor]:
        arguments: dict[str, Any] = {}
        for key, names in step.inputs.items():
            found = [values[name] if name in values else self.constants[name] for name in names]
            arguments[key] = found if key == "values" else found[0]
        try:
            results = OPERATORS[step.kind].compute(**arguments)
        except NotImplementedError as error:
            raise ModelError(f"{self.package} computes {step.kind} with {error}, which is not interpreted") from None
        results = results if isinstance(results, tuple) else (results,)
        return {
            name: stored_as(kind, result) for name, kind, result in zip(step.outputs, step.types, results, strict=True)
        }
