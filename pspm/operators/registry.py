"""The operators by name."""

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import nn

from pspm.operators.a2u import A2U
from pspm.operators.blind import Blind, deconvolution, interpolation, pixel_shuffle, space_to_depth, strided
from pspm.operators.carafe import Carafe
from pspm.operators.indexnet import index_networks
from pspm.operators.interface import Maker
from pspm.operators.maxpool import HolisticMaxPool, MaxPool
from pspm.operators.sapa import SAPA


def _max_pool() -> Maker:
    return lambda channels: MaxPool()


def _holistic_max_pool() -> Maker:
    return lambda channels: HolisticMaxPool()


def _blind(up: Callable[[int], nn.Module], down: Callable[[int], nn.Module] | None = None) -> Callable[[], Maker]:
    """Max pooling unless `down` is given."""
    return lambda: lambda channels: Blind(down(channels) if down else nn.MaxPool2d(2), up(channels))


def _a2u(*arguments: Any, **options: Any) -> Callable[[], Maker]:
    return lambda: lambda channels: A2U(channels, *arguments, **options)


def _sapa(*arguments: Any, **options: Any) -> Callable[[], Maker]:
    return lambda: lambda channels: SAPA(channels, *arguments, **options)


def _average(channels: int) -> nn.Module:
    return nn.AvgPool2d(2)


def _nearest(channels: int) -> nn.Module:
    return interpolation("nearest")


def _bilinear(channels: int) -> nn.Module:
    return interpolation("bilinear")


def _sigmoid(channels: int) -> nn.Module:
    return nn.Sigmoid()


def _norm_and_tanh(channels: int) -> nn.Module:
    """Without parameters: the printed count does not include any."""
    return nn.Sequential(nn.BatchNorm2d(channels, affine=False), nn.Tanh())


# Each entry returns a new maker, for one network.
OPERATORS: dict[str, Callable[[], Maker]] = {
    "max-unpool": _max_pool,
    "holistic-max-unpool": _holistic_max_pool,
    "nearest": _blind(_nearest),
    "bilinear": _blind(_bilinear),
    "deconvolution": _blind(deconvolution),
    "pixel-shuffle": _blind(pixel_shuffle),
    "carafe": _blind(Carafe),
    # Other pairs of Tables 3.2, 3.6 and 4.1.
    "average-nearest": _blind(_nearest, _average),
    "average-carafe": _blind(Carafe, _average),
    "strided-nearest": _blind(_nearest, strided),
    "strided-bilinear": _blind(_bilinear, strided),
    "strided-deconvolution": _blind(deconvolution, strided),
    "strided-carafe": _blind(Carafe, strided),
    "space-to-depth": _blind(partial(pixel_shuffle, kernel=1), space_to_depth),
    "carafe-k1": _blind(partial(Carafe, kernel=1)),
    # Table 3.4. Names without a suffix are nonlinear and with context.
    "indexnet-hin": lambda: index_networks("hin"),
    "indexnet-hin-nonlinear": lambda: index_networks("hin", context=False),
    "indexnet-hin-linear": lambda: index_networks("hin", nonlinear=False, context=False),
    "indexnet-modelwise": lambda: index_networks("modelwise"),
    "indexnet-modelwise-nonlinear": lambda: index_networks("modelwise", context=False),
    "indexnet-modelwise-linear": lambda: index_networks("modelwise", nonlinear=False, context=False),
    "indexnet-shared": lambda: index_networks("shared"),
    "indexnet-shared-nonlinear": lambda: index_networks("shared", context=False),
    "indexnet-shared-linear": lambda: index_networks("shared", nonlinear=False, context=False),
    "indexnet-unshared": lambda: index_networks("unshared"),
    "indexnet-unshared-nonlinear": lambda: index_networks("unshared", context=False),
    "indexnet-unshared-linear": lambda: index_networks("unshared", nonlinear=False, context=False),
    "indexnet-m2o": lambda: index_networks("m2o"),
    "indexnet-m2o-nonlinear": lambda: index_networks("m2o", context=False),
    "indexnet-m2o-linear": lambda: index_networks("m2o", nonlinear=False, context=False),
    # Max pooling, and upsampling by indices. The linear ones are in Table 4.1.
    "indexnet-hin-up": lambda: index_networks("hin", paired=False),
    "indexnet-m2o-up": lambda: index_networks("m2o", paired=False),
    "indexnet-hin-up-linear": lambda: index_networks("hin", nonlinear=False, paired=False),
    "indexnet-m2o-up-linear": lambda: index_networks("m2o", nonlinear=False, paired=False),
    # Table 3.5, whose fourth row is indexnet-m2o.
    "indexnet-m2o-sigmoid": lambda: index_networks("m2o", normalisation="sigmoid"),
    "indexnet-m2o-softmax": lambda: index_networks("m2o", normalisation="softmax"),
    "indexnet-m2o-softmax-sigmoid": lambda: index_networks("m2o", normalisation="softmax+sigmoid"),
    # Table 4.2. The last row has batch norm and tanh behind U and V.
    "a2u-static-pw-cw": _a2u("static", shared=False, positionwise=True),
    "a2u-static-pw-cs": _a2u("static", shared=True, positionwise=True),
    "a2u-static-cw": _a2u("static", shared=False),
    "a2u-static-cs": _a2u("static", shared=True),
    "a2u-hybrid-cw": _a2u("hybrid", shared=False),
    "a2u-hybrid-cs": _a2u("hybrid", shared=True),
    "a2u-dynamic-cw": _a2u("dynamic", shared=False),
    "a2u-dynamic-cs": _a2u("dynamic", shared=True),
    "a2u-dynamic-cs-d": _a2u("dynamic", shared=True, paired=True),
    "a2u-dynamic-cs-d-norm": _a2u("dynamic", shared=True, paired=True, after_u=_norm_and_tanh, after_v=_norm_and_tanh),
    # Tables 4.3 and 4.4.
    "a2u-hybrid-cw-k1": _a2u("hybrid", shared=False, kernel=1),
    "a2u-hybrid-cw-k5": _a2u("hybrid", shared=False, kernel=5),
    "a2u-dynamic-cs-k1": _a2u("dynamic", shared=True, kernel=1),
    "a2u-dynamic-cs-k5": _a2u("dynamic", shared=True, kernel=5),
    "a2u-hybrid-cw-softmax": _a2u("hybrid", shared=False, normalisation="softmax"),
    "a2u-dynamic-cs-softmax": _a2u("dynamic", shared=True, normalisation="softmax"),
    # Table 4.1.
    "a2u-reconstruction": _a2u(
        "static", shared=False, positionwise=True, kernel=1, encoding=4, normalisation="sigmoid", after_u=_sigmoid
    ),
    # Table 6 of the SAPA paper.
    "sapa-i": _sapa("inner"),
    "sapa-b": _sapa("bilinear"),
    "sapa-g": _sapa("gated"),
    "sapa-p": _sapa("addition"),
    "sapa-b-d16": _sapa("bilinear", embedding=16),
    "sapa-b-d64": _sapa("bilinear", embedding=64),
    "sapa-b-d128": _sapa("bilinear", embedding=128),
    "sapa-b-k3": _sapa("bilinear", kernel=3),
    "sapa-b-k7": _sapa("bilinear", kernel=7),
    "sapa-b-relu": _sapa("bilinear", normalisation="relu"),
    "sapa-b-sigmoid": _sapa("bilinear", normalisation="sigmoid"),
    "sapa-b-softplus": _sapa("bilinear", normalisation="softplus"),
    "sapa-b-none": _sapa("bilinear", normalisation="none"),
}


def operators(name: str) -> Maker:
    """A maker for the operators of one network. Raises ValueError for a name that is not in `OPERATORS`."""
    if name not in OPERATORS:
        raise ValueError(f"there is no operator named {name!r}; the operators are {', '.join(OPERATORS)}")
    return OPERATORS[name]()
