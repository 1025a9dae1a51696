"""All MIL operators that we interpret, by name."""

from pspm_export.writers.coreml.mil.convolution import CONVOLUTION
from pspm_export.writers.coreml.mil.decompression import DECOMPRESSION
from pspm_export.writers.coreml.mil.elementwise import ELEMENTWISE
from pspm_export.writers.coreml.mil.operator import Operator
from pspm_export.writers.coreml.mil.reduction import REDUCTION
from pspm_export.writers.coreml.mil.shape import SHAPE
from pspm_export.writers.coreml.mil.upsampling import UPSAMPLING

OPERATORS: dict[str, Operator] = {
    **DECOMPRESSION,
    **CONVOLUTION,
    **ELEMENTWISE,
    **REDUCTION,
    **SHAPE,
    **UPSAMPLING,
}
