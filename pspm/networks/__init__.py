"""The networks by name: the only registry."""

from collections.abc import Callable

from pspm.networks.cascade import Cascade
from pspm.networks.deeplab import SegDecoder
from pspm.networks.indexnet import IndexNetMatting
from pspm.networks.matdecoder import AttentionGuided, FeatureFusion, LateInteraction
from pspm.networks.matte import Matte
from pspm.networks.mobile import Mobile
from pspm.networks.prior import GivenTrimap, UnknownTrimap
from pspm.networks.psp import PSPDecoder, PSPLowDecoder
from pspm.networks.pspm import ParameterSharing
from pspm.networks.segmentation import SegmentationNetwork
from pspm.operators import MaxPool

Network = ParameterSharing | Mobile | SegmentationNetwork | GivenTrimap | UnknownTrimap | Cascade


def _max_pool(channels: int) -> MaxPool:
    return MaxPool()


def _deeplab() -> SegmentationNetwork:
    return SegmentationNetwork(SegDecoder())


def _pspnet() -> SegmentationNetwork:
    return SegmentationNetwork(PSPDecoder())


def _indexnet() -> GivenTrimap:
    return GivenTrimap(IndexNetMatting())


def _without_trimap() -> UnknownTrimap:
    return UnknownTrimap(IndexNetMatting())


def _cascade() -> Cascade:
    return Cascade(_deeplab())


def _psp_cascade() -> Cascade:
    return Cascade(_pspnet())


# Rows of the thesis's tables that share a function are one network, trained in different ways.
NETWORKS: dict[str, Callable[[], Network]] = {
    "mobile": Mobile,
    "b3": lambda: ParameterSharing(SegDecoder(), LateInteraction(), _max_pool),
    "b4": lambda: ParameterSharing(SegDecoder(), FeatureFusion(), _max_pool),
    "b5": lambda: ParameterSharing(SegDecoder(), AttentionGuided(), _max_pool),
    "b5-fm": lambda: ParameterSharing(SegDecoder(), AttentionGuided(), _max_pool, modulate=True),
    "deeplab": _deeplab,
    "b11": lambda: GivenTrimap(IndexNetMatting(operator=_max_pool)),
    "indexnet": _indexnet,
    "a1": _indexnet,
    "a2": _without_trimap,
    "a2+": _without_trimap,
    "b": _cascade,
    "b1": _cascade,
    "b2": lambda: Cascade(_deeplab(), summed=False),
    "pspnet": _pspnet,
    "psp-b": _psp_cascade,
    "psp-b1": _psp_cascade,
    "psp-b5": lambda: ParameterSharing(PSPLowDecoder(), AttentionGuided(), _max_pool),
}


def build(name: str) -> Network:
    """A fresh network with random weights. Raises ValueError for a name that is not in `NETWORKS`."""
    if name not in NETWORKS:
        raise ValueError(f"there is no network named {name!r}; the networks are {', '.join(NETWORKS)}")
    return NETWORKS[name]()


__all__ = ["NETWORKS", "Matte", "Network", "build"]
