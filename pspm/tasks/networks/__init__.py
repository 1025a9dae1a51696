"""Networks of the papers' other tasks that no library has, each with any operator of `pspm.operators`."""

from pspm.tasks.networks.registry import TASK_NETWORKS, TaskNetwork, build

__all__ = ["TASK_NETWORKS", "TaskNetwork", "build"]
