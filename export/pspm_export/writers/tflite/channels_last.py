"""Wrap a network for TFLite: pixels in, channels last, and only operations that its engines on a phone compute."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from pspm.networks.input_range import PIXEL_OFFSET, PIXEL_SCALE

PIXEL_CHANNELS = 3


class ChannelsLast(nn.Module):
    """RGB in [0, 255], (1, H, W, 3), and a trimap, (1, H, W, 1), if any, to {"alpha": (1, H, W, 1) in [0, 1]}.

    network: a lowered `AlphaOnly`, see `lowering`. float_features: see `Portable`.
    """

    def __init__(self, network: nn.Module, *, float_features: bool = True) -> None:
        super().__init__()
        self.network = network
        self.float_features = float_features
        # As a convolution, the scaling is one operation instead of two and fixes the layout for the converter.
        self.scale = nn.Conv2d(PIXEL_CHANNELS, PIXEL_CHANNELS, 1, groups=PIXEL_CHANNELS)
        nn.init.constant_(self.scale.weight, PIXEL_SCALE)
        nn.init.constant_(_bias(self.scale), PIXEL_OFFSET)

    def forward(self, image: Tensor, trimap: Tensor | None = None) -> dict[str, Tensor]:
        with Portable(self.float_features):
            further = () if trimap is None else (trimap.permute(0, 3, 1, 2),)
            alpha = self.network(self.scale(image.permute(0, 3, 1, 2)), *further)
        return {"alpha": alpha.permute(0, 2, 3, 1)}


class Portable(TorchFunctionMode):
    """Inside this mode, torch replaces operations that TFLite or XNNPACK, its CPU engine, lacks or computes slowly.

    float_features: whether max pooling may be lowered to operations of XNNPACK; that is exact only in float. In 8 bits,
    differences are rounded, and a concatenation gives its inputs another scale than the one they are compared with.
    """

    def __init__(self, float_features: bool) -> None:
        super().__init__()
        self.float_features = float_features

    def __torch_function__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if function is Tensor.expand:
            return _expand(*args)
        if self.float_features and function is F.interpolate and _doubles(kwargs):
            return _double(*args)
        if self.float_features and function is Tensor.__eq__:
            return _equal(*args)
        if function is Tensor.clamp and args[1:] == (0, 1):
            return _clamp(args[0])
        if function is F.pixel_shuffle and args[0].shape[1] == args[1] ** 2:
            return _unfold(*args)
        if function is F.pad and args[0].shape[1] == PIXEL_CHANNELS:
            return _pad(*args)
        return function(*args, **kwargs)


def _expand(x: Tensor, *shape: int) -> Tensor:
    """Expand one pixel, (1, C, 1, 1), to `shape`, without BROADCAST_TO, which fails when it allocates memory."""
    return x + torch.zeros(1, 1, *shape[2:])


def _doubles(kwargs: dict[str, Any]) -> bool:
    return kwargs["mode"] == "nearest" and kwargs["scale_factor"] == 2


def _double(x: Tensor) -> Tensor:
    """Nearest interpolation by 2: repeat every pixel, then every row."""
    c, h, w = x.shape[1:]
    pixels = x.permute(0, 2, 3, 1)
    rows = torch.cat([pixels, pixels], 3).reshape(1, h, 1, 2 * w * c)
    return torch.cat([rows, rows], 2).reshape(1, 2 * h, 2 * w, c).permute(0, 3, 1, 2)


def _equal(x: Tensor, y: Tensor) -> Tensor:
    """1 where finite numbers are equal, else 0, because the smallest difference is rounded up to 1."""
    return (1 - (x - y).abs().ceil()).relu()


def _clamp(x: Tensor) -> Tensor:
    """Clamp to [0, 1] without RELU_0_TO_1, which would split the graph; XNNPACK fuses RELU into other operations."""
    return 1 - (1 - x.relu()).relu()


def _unfold(x: Tensor, factor: int) -> Tensor:
    """Pixel shuffle to one channel, with one transposition; the general form needs three."""
    h, w = x.shape[2:]
    cells = x.permute(0, 2, 3, 1).reshape(h, w, factor, factor)
    return cells.transpose(1, 2).reshape(1, 1, h * factor, w * factor)


def _pad(x: Tensor, pad: tuple[int, int, int, int]) -> Tensor:
    """Pad the photo with zeros, its rows taken as plain numbers.

    All other paddings become part of their convolution. The photo has a second reader, so the converter would
    transpose it, pad it, and transpose it back.
    """
    left, right, top, bottom = pad
    c, h, w = x.shape[1:]
    rows = F.pad(x.permute(0, 2, 3, 1).reshape(1, h, w * c), (left * c, right * c, top, bottom))
    return rows.reshape(1, top + h + bottom, left + w + right, c).permute(0, 3, 1, 2)


def _bias(conv: nn.Conv2d) -> Tensor:
    assert conv.bias is not None  # noqa: S101 - only None if the constructor was asked for that
    return conv.bias
