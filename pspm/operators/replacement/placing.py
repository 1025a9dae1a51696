"""A replacement in preparation: it changes a network only after every stage has been made."""

from collections.abc import Callable

import torch
from torch import nn

from pspm.operators.interface import Maker, Operator
from pspm.operators.registry import operators
from pspm.operators.replacement.fitting import fitted, is_blind
from pspm.operators.replacement.report import Left, Placed, Replacement
from pspm.operators.replacement.stage import Stage


class Placing:
    """What the adapters of the families call. name: of the operator, in `pspm.operators.OPERATORS`."""

    def __init__(self, network: nn.Module, name: str) -> None:
        self.network, self.name = network, name
        self.blind = is_blind(name)
        self.make: Maker = operators(name)
        self.placed: list[Placed] = []
        self.left: list[Left] = []
        # Paths of the poolings that an operator replaces.
        self.poolings: set[str] = set()
        self._changes: list[Callable[[], object]] = []
        first = next(network.parameters(), torch.zeros(()))
        self._device, self._type = first.device, first.dtype if first.is_floating_point() else torch.float32

    def stage(
        self, path: str, channels: int, *, guide: str | None, guide_channels: int | None, instead_of: str
    ) -> Stage:
        """The stage that will be at `path`. guide: its name for the report. Raises ModelError if it does not fit."""
        operator = self.operator(path, channels, guide_channels)
        return Stage(self.report(operator, path, channels, guide, guide_channels, instead_of), path)

    def operator(self, path: str, channels: int, guide_channels: int | None, *, pooled: bool = False) -> Operator:
        """The operator for a stage, on the network's device."""
        operator = fitted(self.name, self.make, path, channels, guide_channels, pooled=pooled)
        return operator.to(device=self._device, dtype=self._type).train(self.network.training)

    def report(
        self,
        operator: Operator,
        path: str,
        channels: int,
        guide: str | None,
        guide_channels: int | None,
        instead_of: str,
    ) -> Operator:
        """Note the operator as placed, and give it back."""
        guided = not self.blind
        parameters = sum(p.numel() for p in operator.parameters())
        self.placed.append(
            Placed(
                path,
                channels,
                guide if guided else None,
                guide_channels if guided else None,
                instead_of,
                parameters,
            )
        )
        return operator

    def leave(self, path: str, why: str) -> None:
        """Note an upsampling that stays."""
        self.left.append(Left(path, why))

    def change(self, module: nn.Module, to: type[nn.Module], **attributes: object) -> None:
        """Later: make a module of the library one of a subclass that upsamples with the stages in `attributes`."""

        def apply() -> None:
            module.__class__ = to
            for name, value in attributes.items():
                setattr(module, name, value)

        self._changes.append(apply)

    def later(self, change: Callable[[], object]) -> None:
        """Later: any other change."""
        self._changes.append(change)

    def apply(self) -> Replacement:
        """Change the network."""
        before = {id(p) for p in self.network.parameters()}
        for change in self._changes:
            change()
        added = sum(p.numel() for p in self.network.parameters() if id(p) not in before)
        return Replacement(self.name, tuple(self.placed), tuple(self.left), added)
