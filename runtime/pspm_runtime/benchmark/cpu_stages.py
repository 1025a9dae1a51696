"""CPU time of each step between a JPEG and its matte or cut-out, and of all of them in units of decoding alone."""

import io
from statistics import median
from typing import Any

import numpy as np
from PIL import Image

from pspm_runtime.benchmark.rounds import time_in_turn
from pspm_runtime.files.encoding.encode_png import encode_png
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.look import Look, whole
from pspm_runtime.model import Model
from pspm_runtime.stages.compose import cut_out
from pspm_runtime.stages.refine import refine

DECODE = "decode the JPEG"
WHOLE = "JPEG to matte"
TOTALS = "JPEG to matte, no network", "JPEG to cut-out, no network"


def cpu_stages(model: Model, jpeg: bytes, rounds: int) -> dict[str, dict[str, Any]]:
    """Two results by the names of steps.

    cpu_ms: CPU milliseconds of all threads, median and largest of the rounds. times_decoding: the way from the JPEG to
    a PNG, without the network, as a multiple of Pillow's plain decoding; the median of the rounds' ratios.
    """
    photo = model.open(jpeg)
    view = model.network_view(photo)
    look = Look(whole(photo), model.engine.alpha(np.asarray(view)), view)
    (last,) = model.second_looks(photo, [look])
    matte = refine(last.alpha, last.view, photo.image)
    cutout = cut_out(photo, matte)

    def decode() -> None:
        with Image.open(io.BytesIO(jpeg)) as image:
            image.load()

    def to_matte() -> tuple[Photo, Image.Image]:
        opened = model.open(jpeg)
        model.network_view(opened)
        return opened, refine(last.alpha, last.view, opened.image)

    times = time_in_turn(
        {
            DECODE: decode,
            "resize for the network": lambda: model.network_view(photo),
            "network": lambda: model.engine.alpha(np.asarray(view)),
            "second look": lambda: model.second_looks(photo, [look]),
            "matte at full size": lambda: refine(last.alpha, last.view, photo.image),
            "encode the matte as PNG": lambda: encode_png(matte),
            "foreground and cut-out": lambda: cut_out(photo, matte),
            "encode the cut-out as PNG": lambda: encode_png(cutout),
            WHOLE: lambda: encode_png(model.matte(jpeg)),
            TOTALS[0]: lambda: encode_png(to_matte()[1]),
            TOTALS[1]: lambda: encode_png(cut_out(*to_matte())),
        },
        rounds,
    )
    ratios = {
        total: median(whole / alone for whole, alone in zip(times[total], times[DECODE], strict=True))
        for total in TOTALS
    }
    cpu_ms = {name: {"median": median(series), "max": max(series)} for name, series in times.items()}
    return {"cpu_ms": cpu_ms, "times_decoding": ratios}
