"""MIL operators that change the resolution of a feature map upwards."""

import torch.nn.functional as F
from torch import Tensor

from pspm_export.writers.coreml.mil.operator import Operator


def _upsample_bilinear(
    x: Tensor, scale_factor_height: Tensor, scale_factor_width: Tensor, align_corners: Tensor
) -> Tensor:
    size = _scaled(x, scale_factor_height, scale_factor_width)
    return F.interpolate(x, size, mode="bilinear", align_corners=bool(align_corners))


def _upsample_nearest_neighbor(x: Tensor, scale_factor_height: Tensor, scale_factor_width: Tensor) -> Tensor:
    return F.interpolate(x, _scaled(x, scale_factor_height, scale_factor_width), mode="nearest")


def _pixel_shuffle(x: Tensor, upscale_factor: Tensor) -> Tensor:
    return F.pixel_shuffle(x, int(upscale_factor))


def _scaled(x: Tensor, height: Tensor, width: Tensor) -> list[int]:
    return [int(x.shape[-2] * height), int(x.shape[-1] * width)]


_FACTORS = ("x", "scale_factor_height", "scale_factor_width")

UPSAMPLING = {
    "upsample_bilinear": Operator((*_FACTORS, "align_corners"), _upsample_bilinear),
    "upsample_nearest_neighbor": Operator(_FACTORS, _upsample_nearest_neighbor),
    "pixel_shuffle": Operator(("x", "upscale_factor"), _pixel_shuffle),
}
