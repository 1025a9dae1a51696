"""The operations that Android's engine knows: TensorFlow Lite 2.16.1, which apps get from Maven Central."""

from collections.abc import Iterable

from pspm_runtime.errors import ModelError

# The newest version that a file may have of each operation. Source: BuiltinOpResolver in
# tensorflow/lite/core/kernels/register.cc; TensorFlow 2.16.1 was released in March 2024. Checked in November 2026
# against commit 0314b97f595: no entry is newer than there, and some are older. Operations that no network needs are
# left out. COS, GREATER_EQUAL, PADV2 and SIN are listed in version 1 alone, which engines much older than 2.16 have.
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
    "COS": 1,
    "DEPTHWISE_CONV_2D": 7,
    "DEQUANTIZE": 5,
    "DIV": 2,
    "EQUAL": 4,
    "EXP": 2,
    "FULLY_CONNECTED": 10,
    "GREATER": 2,
    "GREATER_EQUAL": 1,
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
    "PADV2": 1,
    "QUANTIZE": 3,
    "REDUCE_MAX": 3,
    "RELU": 3,
    "RELU6": 3,
    "RESHAPE": 1,
    "RESIZE_BILINEAR": 4,
    "RESIZE_NEAREST_NEIGHBOR": 4,
    "SELECT": 2,
    "RSQRT": 1,
    "SIN": 1,
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


def refuse_newer(kinds: Iterable[tuple[str, int]]) -> None:
    """Raise ModelError for operations, by name and version, that Android's engine may not know."""
    newer = [f"{name} version {version}" for name, version in kinds if version > KNOWN.get(name, 0)]
    if newer:
        raise ModelError(
            f"{', '.join(newer)} would not run in TensorFlow Lite 2.16.1, the engine of Android apps; "
            "write the network without it"
        )
