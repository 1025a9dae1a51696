"""A case of the test vectors."""

from typing import Any, NamedTuple

import numpy as np


class Case(NamedTuple):
    """One call of a stage: its input and output arrays by name, and its scalar parameters."""

    stage: str
    name: str
    parameters: dict[str, Any]
    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]
