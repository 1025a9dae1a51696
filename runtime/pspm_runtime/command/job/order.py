"""What a job is to do."""

from dataclasses import dataclass

from pspm_runtime.command.batch.order import Order


@dataclass(frozen=True)
class JobOrder:
    """A job: the order of a run over many photos, and what a job has beside it.

    order: with the input as its only photo, and the output. column: of a list, with the paths. root: where relative
    paths of a list begin; None for the folder of the list. by_content: whether a photo whose time or size has changed
    is still done if its content has not. retry_failed: try photos again that failed in earlier runs. check: look
    whether the results are there. engine: "local" or "ray". address: of a Ray cluster, None for one on this machine.
    workers: of Ray; None for one a core or GPU.
    """

    order: Order
    column: str | None = None
    root: str | None = None
    by_content: bool = False
    retry_failed: bool = False
    check: bool = False
    engine: str = "local"
    address: str | None = None
    workers: int | None = None

    @property
    def input(self) -> str:
        """A folder, a list, or an address."""
        return self.order.photos[0]
