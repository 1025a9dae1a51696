"""The operators by name: the only registry."""

from collections.abc import Callable

from pspm.operators.indexnet import index_networks
from pspm.operators.interface import Maker
from pspm.operators.maxpool import HolisticMaxPool, MaxPool


def _max_pool() -> Maker:
    return lambda channels: MaxPool()


def _holistic_max_pool() -> Maker:
    return lambda channels: HolisticMaxPool()


# A fresh maker for each network.
OPERATORS: dict[str, Callable[[], Maker]] = {
    "max-unpool": _max_pool,
    "holistic-max-unpool": _holistic_max_pool,
    # Table 3.4. Without an ending: nonlinear and with context.
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
    # Table 4.1.
    "indexnet-hin-linear-context": lambda: index_networks("hin", nonlinear=False),
    "indexnet-m2o-linear-context": lambda: index_networks("m2o", nonlinear=False),
    # Table 3.5, whose fourth row is indexnet-m2o.
    "indexnet-m2o-sigmoid": lambda: index_networks("m2o", normalisation="sigmoid"),
    "indexnet-m2o-softmax": lambda: index_networks("m2o", normalisation="softmax"),
    "indexnet-m2o-softmax-sigmoid": lambda: index_networks("m2o", normalisation="softmax+sigmoid"),
}


def operators(name: str) -> Maker:
    """What makes the operators of one network. Raises ValueError for a name that is not in `OPERATORS`."""
    if name not in OPERATORS:
        raise ValueError(f"there is no operator named {name!r}; the operators are {', '.join(OPERATORS)}")
    return OPERATORS[name]()
