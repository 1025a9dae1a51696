"""What `replace_upsampling` placed where, and what it left."""

from dataclasses import dataclass

from pspm_runtime.tables import aligned_table


@dataclass(frozen=True)
class Placed:
    """One doubling that the operator now does.

    path: of the new `Stage` in the network. channels: of the feature that is upsampled. guide: the feature that guides
    it and its channels, None for a blind operator. instead_of: what doubled before. parameters: of this stage; a
    modelwise index counts in each stage, though all share it.
    """

    path: str
    channels: int
    guide: str | None
    guide_channels: int | None
    instead_of: str
    parameters: int


@dataclass(frozen=True)
class Left:
    """An upsampling that stays as it was, and why."""

    path: str
    why: str


@dataclass(frozen=True)
class Replacement:
    """The report of `replace_upsampling`. parameters: added to the network, shared ones counted once."""

    operator: str
    placed: tuple[Placed, ...]
    left: tuple[Left, ...]
    parameters: int

    def __str__(self) -> str:
        rows = [["upsampling", "channels", "guide", "instead of", "parameters"]]
        for p in self.placed:
            guide = f"{p.guide} ({p.guide_channels})" if p.guide else "none"
            rows.append([p.path, str(p.channels), guide, p.instead_of, f"{p.parameters:,}"])
        lines = [aligned_table(rows), f"{self.operator}: {self.parameters:,} parameters added"]
        return "\n".join(lines + [f"left: {left.path}, {left.why}" for left in self.left])
