"""CPU time of each step between a JPEG and its matte or cut-out."""

from statistics import median

import numpy as np

from pspm_runtime.benchmark.rounds import time_in_turn
from pspm_runtime.files.save import encode_png
from pspm_runtime.model import Model
from pspm_runtime.stages.compose import cut_out
from pspm_runtime.stages.refine import refine

TO_MATTE = ("decode the JPEG", "resize for the network", "matte at full size", "encode the matte as PNG")
TO_CUT_OUT = (*TO_MATTE[:3], "foreground and cut-out", "encode the cut-out as PNG")


def cpu_stages(model: Model, jpeg: bytes, rounds: int) -> dict[str, dict[str, float]]:
    """CPU milliseconds of all threads for each step: median and largest of the rounds."""
    photo = model.open(jpeg)
    view = model.network_view(photo)
    small = model.engine.alpha(np.asarray(view))
    matte = refine(small, view, photo.image)
    cutout = cut_out(photo, matte)
    times = time_in_turn(
        {
            "decode the JPEG": lambda: model.open(jpeg),
            "resize for the network": lambda: model.network_view(photo),
            "network": lambda: model.engine.alpha(np.asarray(view)),
            "matte at full size": lambda: refine(small, view, photo.image),
            "encode the matte as PNG": lambda: encode_png(matte),
            "foreground and cut-out": lambda: cut_out(photo, matte),
            "encode the cut-out as PNG": lambda: encode_png(cutout),
        },
        rounds,
    )
    for total, steps in (("JPEG to matte, no network", TO_MATTE), ("JPEG to cut-out, no network", TO_CUT_OUT)):
        times[total] = [sum(values) for values in zip(*(times[step] for step in steps), strict=True)]
    return {name: {"median": median(series), "max": max(series)} for name, series in times.items()}
