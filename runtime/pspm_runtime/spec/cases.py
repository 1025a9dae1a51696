"""The cases of the test vectors: inputs of every stage and what the Python runtime computes from them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial, update_wrapper

import numpy as np

from pspm_runtime.bundle import Bundle
from pspm_runtime.engines.open_engine import open_engine
from pspm_runtime.files.photo import Photo
from pspm_runtime.model import Model
from pspm_runtime.spec.case import Case
from pspm_runtime.spec.decision_cases import decision_cases
from pspm_runtime.spec.effect_cases import blurred, composed, effect_cases
from pspm_runtime.spec.geometry_cases import PORTRAIT, geometry_cases, small_rule
from pspm_runtime.spec.live_cases import FRAME, VIEW, frames_shown, live_cases
from pspm_runtime.spec.look_cases import look_cases
from pspm_runtime.spec.matte_cases import matte_cases
from pspm_runtime.spec.pictures import portrait
from pspm_runtime.spec.search_cases import search_cases
from pspm_runtime.stages.compose import cut_out
from pspm_runtime.stages.foreground import estimate_foreground
from pspm_runtime.stages.network_view import resize_to_view
from pspm_runtime.stages.refine import refine, settle

SQUARES = 256, 512
STRENGTHS = 0.25, 0.6, 1.0


def cases(bundle: Bundle) -> Iterator[Case]:
    """Yield every case: synthetic ones, and the sample portrait through a model with a small view."""
    for group in groups_without_network(bundle):
        yield from group()
    yield from network_cases(bundle)


def groups_without_network(bundle: Bundle) -> tuple[Callable[[], Iterator[Case]], ...]:
    """What makes the cases that depend on no weights, so that they are the same wherever they are computed."""
    return (
        update_wrapper(partial(geometry_cases, bundle), geometry_cases),
        matte_cases,
        effect_cases,
        live_cases,
        look_cases,
        decision_cases,
        search_cases,
    )


def network_cases(bundle: Bundle) -> Iterator[Case]:
    """Yield the cases of the sample portrait with the network's matte, which differs a little from CPU to CPU."""
    small = Model(open_engine(replace(bundle, size=small_rule(bundle)), threads=1), quality="fast")
    photo = Photo(portrait(*PORTRAIT))
    view = small.network_view(photo)
    alpha = small.engine.alpha(np.asarray(view))
    yield Case("network", "portrait", {}, {"view": np.asarray(view)}, {"alpha": alpha})
    for side in SQUARES:
        square = np.asarray(portrait(side, side))
        yield Case("network", f"square-{side}", {}, {"view": square}, {"alpha": small.engine.alpha(square)})

    image = np.asarray(photo.image)
    yield Case("settle", "portrait", {}, {"alpha": alpha}, {"alpha": settle(alpha)})
    inputs = {"alpha": alpha, "view": np.asarray(view), "image": image}
    yield Case("refine", "portrait", {}, inputs, {"matte": np.asarray(refine(alpha, view, photo.image))})
    matte = small.matte(photo)
    person = {"image": image, "matte": np.asarray(matte)}
    yield Case("matte", "portrait", vars(small.engine.size), {"image": image}, {"matte": np.asarray(matte)})
    foreground = np.asarray(estimate_foreground(photo.image, matte))
    yield Case("foreground", "portrait", {}, person, {"foreground": foreground})
    yield from composed("", photo, matte)
    yield Case("cut-out", "portrait", {}, person, {"image": np.asarray(cut_out(photo, matte))})
    yield from blurred("strength", photo, matte, STRENGTHS)
    seen = resize_to_view(portrait(*FRAME), VIEW)
    yield from frames_shown("portrait", small.engine.alpha(np.asarray(seen)))
