"""What an operator adds to a published network: stages, parameters and multiply-adds, counted as they run."""

import copy
from collections.abc import Sequence
from typing import NamedTuple

from pspm_runtime.errors import ModelError
from torch import nn

from pspm.operators.complexity import Counter
from pspm.operators.replacement.published.networks import PUBLISHED, Published
from pspm.operators.replacement.replace import replace_upsampling

# The rows of SAPA's Table 2, M2O, and max unpooling, which needs a pooling.
OPERATORS_OF_TABLES = (
    "carafe",
    "indexnet-hin",
    "indexnet-m2o",
    "a2u-dynamic-cs",
    "sapa-i",
    "sapa-b",
    "sapa-g",
    "max-unpool",
)


class Increment(NamedTuple):
    """placed: the number of stages. madds: multiply-adds for one picture, as in `pspm.operators.complexity`."""

    placed: int
    parameters: int
    madds: int


class Increments:
    """The increments of one published network, which is built and run once without an operator."""

    def __init__(self, published: Published) -> None:
        self.published, self.network = published, published.on_meta()
        self._before = self._madds(self.network)
        self._found: dict[str, Increment] = {}

    def of(self, operator: str) -> Increment:
        """Raises ModelError where the operator does not fit."""
        if operator not in self._found:
            network = copy.deepcopy(self.network)
            report = replace_upsampling(network, operator)
            added = self._madds(network) - self._before
            self._found[operator] = Increment(len(report.placed), report.parameters, added)
        return self._found[operator]

    def _madds(self, network: nn.Module) -> int:
        with Counter() as counter:
            self.published.run_once(network)
        return counter.madds


def increments_table(families: Sequence[str] = tuple(PUBLISHED)) -> list[list[str]]:
    """A row for each network, a column for each operator: stages, M parameters, G multiply-adds; or a dash.

    families: keys of `PUBLISHED`.
    """
    header = ["network, picture", *(f"`{operator}`" for operator in OPERATORS_OF_TABLES)]
    return [header, *(increments_row(Increments(PUBLISHED[family])) for family in families)]


def increments_row(increments: Increments) -> list[str]:
    """The row of one network."""
    title = f"{increments.published.title}, {increments.published.size}"
    return [title, *(_cell(increments, operator) for operator in OPERATORS_OF_TABLES)]


def _cell(increments: Increments, operator: str) -> str:
    try:
        found = increments.of(operator)
    except ModelError:
        return "—"
    return f"{found.placed}: {found.parameters / 1e6:.2f}, {found.madds / 1e9:.2f}"
