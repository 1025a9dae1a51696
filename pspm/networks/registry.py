"""The networks by name."""

from collections.abc import Callable

from pspm.networks.base import MattingNetwork
from pspm.networks.cascade import Cascade
from pspm.networks.decoders.deeplab import DeepLabDecoder
from pspm.networks.decoders.matdecoder import AttentionGuided, FeatureFusion, LateInteraction
from pspm.networks.decoders.psp import PSPDecoder, PSPLowDecoder
from pspm.networks.encoders.mit import MIT_B1, MIT_B2
from pspm.networks.mobile import Mobile
from pspm.networks.mobile_steady import MobileSteady
from pspm.networks.mobile_video import MobileVideo
from pspm.networks.pspm import PSPM
from pspm.networks.segmentation import SegmentationNetwork
from pspm.networks.trimap_based.a2u import A2UMatting
from pspm.networks.trimap_based.deep_image_matting import DeepImageMatting
from pspm.networks.trimap_based.deeplab_matting import DeepLabMatting
from pspm.networks.trimap_based.given_trimap import GivenTrimap, UnknownTrimap
from pspm.networks.trimap_based.indexnet import Fusion, IndexNetMatting
from pspm.networks.trimap_based.mobile_trimap import MobileTrimap
from pspm.networks.trimap_based.refinenet_matting import RefineNetMatting
from pspm.networks.trimap_based.rmat import (
    RMat,
    conv_layer,
    conv_skip,
    mlp_conv_skip,
    mlp_dw_layer,
    mlp_layer,
    mlp_skip,
)
from pspm.operators import Maker, MaxPool, operators


def _max_pool(channels: int) -> MaxPool:
    return MaxPool()


# Networks that work with any of `OPERATORS`: `build("b5+sapa-b")` is B5 with SAPA-B instead of max pooling.
OPERATED: dict[str, Callable[[Maker], MattingNetwork]] = {
    "b3": lambda operator: PSPM(DeepLabDecoder(), LateInteraction(), operator),
    "b4": lambda operator: PSPM(DeepLabDecoder(), FeatureFusion(), operator),
    "b5": lambda operator: PSPM(DeepLabDecoder(), AttentionGuided(), operator),
    "b5-fm": lambda operator: PSPM(DeepLabDecoder(), AttentionGuided(), operator, modulate=True),
    "psp-b5": lambda operator: PSPM(PSPLowDecoder(), AttentionGuided(), operator),
    "b11": lambda operator: GivenTrimap(IndexNetMatting(operator=operator)),
    "a2u": lambda operator: GivenTrimap(A2UMatting(operator)),
    "a2u-d": lambda operator: GivenTrimap(A2UMatting(operator, paired=True)),
}


def _deeplab() -> SegmentationNetwork:
    return SegmentationNetwork(DeepLabDecoder())


def _pspnet() -> SegmentationNetwork:
    return SegmentationNetwork(PSPDecoder())


def _indexnet() -> GivenTrimap:
    return GivenTrimap(IndexNetMatting())


def _baseline(operator: Maker, fusion: Fusion, *, context: bool) -> GivenTrimap:
    """B5 to B10 of Table 3.3, which differ from B11 in these options only."""
    return GivenTrimap(IndexNetMatting(operator=operator, fusion=fusion, context=context))


def _without_trimap() -> UnknownTrimap:
    return UnknownTrimap(IndexNetMatting())


def _cascade() -> Cascade:
    return Cascade(_deeplab())


def _psp_cascade() -> Cascade:
    return Cascade(_pspnet())


# Names that share a function are rows of the thesis's tables for one network, trained in different ways.
NETWORKS: dict[str, Callable[[], MattingNetwork]] = {
    "mobile": Mobile,
    "mobile-trimap": MobileTrimap,
    "mobile-video": MobileVideo,
    "mobile-steady": MobileSteady,
    "b3": lambda: OPERATED["b3"](_max_pool),
    "b4": lambda: OPERATED["b4"](_max_pool),
    "b5": lambda: OPERATED["b5"](_max_pool),
    "b5-fm": lambda: OPERATED["b5-fm"](_max_pool),
    "deeplab": _deeplab,
    "b11": lambda: OPERATED["b11"](_max_pool),
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
    "psp-b5": lambda: OPERATED["psp-b5"](_max_pool),
    # B1 to B10 of Table 3.3, whose B11 is above, and a row of Table 3.4.
    "matting-b1": lambda: GivenTrimap(DeepLabMatting()),
    "matting-b2": lambda: GivenTrimap(RefineNetMatting()),
    "matting-b3": lambda: GivenTrimap(DeepImageMatting(_max_pool)),
    "matting-b4": lambda: GivenTrimap(DeepImageMatting(operators("bilinear"))),
    "matting-b5": lambda: _baseline(_max_pool, "none", context=False),
    "matting-b6": lambda: _baseline(operators("bilinear"), "none", context=False),
    "matting-b7": lambda: _baseline(_max_pool, "none", context=True),
    "matting-b8": lambda: _baseline(_max_pool, "add", context=False),
    "matting-b9": lambda: _baseline(_max_pool, "add", context=True),
    "matting-b10": lambda: _baseline(_max_pool, "concatenate", context=False),
    "b11-1.4": lambda: GivenTrimap(IndexNetMatting(operator=_max_pool, width=1.4)),
    # The first row of Table 4.2, and the last but one.
    "a2u": lambda: OPERATED["a2u"](operators("nearest")),
    "a2u-d": lambda: OPERATED["a2u-d"](operators("a2u-dynamic-cs-d")),
    # Tables 5.2 and 5.3. N3 of Table 5.3 is B3 with other losses.
    "rmat-b1": lambda: GivenTrimap(RMat(MIT_B1, mlp_layer, mlp_skip, lskip=False)),
    "rmat-b2": lambda: GivenTrimap(RMat(MIT_B1, conv_layer, mlp_skip, lskip=False)),
    "rmat-b3": lambda: GivenTrimap(RMat(MIT_B1, conv_layer, mlp_skip)),
    "rmat-b4": lambda: GivenTrimap(RMat(MIT_B1, conv_layer, mlp_conv_skip)),
    "rmat-b5": lambda: GivenTrimap(RMat(MIT_B1, mlp_dw_layer, mlp_skip)),
    "rmat-b6": lambda: GivenTrimap(RMat(MIT_B1, mlp_dw_layer, conv_skip)),
    "rmat-b7": lambda: GivenTrimap(RMat(MIT_B2, conv_layer, mlp_skip)),
    "rmat-b8": lambda: GivenTrimap(RMat(MIT_B2, conv_layer, mlp_conv_skip)),
    "rmat-b9": lambda: GivenTrimap(RMat(MIT_B2, mlp_dw_layer, mlp_skip)),
    "rmat-b10": lambda: GivenTrimap(RMat(MIT_B2, mlp_dw_layer, conv_skip)),
    "rmat-m3": lambda: GivenTrimap(RMat(MIT_B1, conv_layer, mlp_skip, lfa=True)),
    "rmat-m7": lambda: GivenTrimap(RMat(MIT_B2, conv_layer, mlp_skip, lfa=True)),
}


def build(name: str) -> MattingNetwork:
    """Make a network with random weights.

    name: one of `NETWORKS`, or one of `OPERATED`, a "+" and one of `OPERATORS`, as in "b5+sapa-b". Raises ValueError
    for an unknown name.
    """
    if name in NETWORKS:
        return NETWORKS[name]()
    network, plus, operator = name.partition("+")
    if network in OPERATED and plus:
        return OPERATED[network](operators(operator))
    if network in NETWORKS:
        raise ValueError(f"{network} takes no operator; those that do are {', '.join(OPERATED)}")
    raise ValueError(f"there is no network named {name!r}; the networks are {', '.join(NETWORKS)}")
