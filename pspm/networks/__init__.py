"""Matting networks. `build(name)` makes one; `NETWORKS` lists the names."""

from pspm.networks.base import LONGEST_SIDE, MattingNetwork
from pspm.networks.matte import Matte
from pspm.networks.registry import NETWORKS, OPERATED, build

__all__ = ["LONGEST_SIDE", "NETWORKS", "OPERATED", "Matte", "MattingNetwork", "build"]
