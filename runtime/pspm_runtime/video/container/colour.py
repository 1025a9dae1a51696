"""Colour: convert between the YUV values of a video and RGB, with the matrix and range that the video has."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from av import VideoFrame
from PIL import Image

from pspm_runtime.colour.cicp import UNSPECIFIED, cicp_profile

# Code points of ITU-T H.273.
BT_709, SMPTE_170M, BT_2020 = 1, 6, 9
_SRGB_CURVE, _PQ, _HLG = 13, 16, 18
_WIDE_PRIMARIES = (BT_2020, 11, 12)
# The matrices that FFmpeg's scaler knows; constant luminance of BT.2020 is nearest to the usual kind.
_MATRICES = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
# Primaries and transfer that go with a matrix where they have no tag.
_USUAL = {1: (1, 1), 5: (5, 6), 6: (6, 6)}
# AVColorRange.
_LIMITED, _FULL = 1, 2
_HD_WIDTH, _SD_HEIGHT = 1280, 576
_MODES = {"L": "gray", "RGB": "rgb24", "RGBA": "rgba"}


@dataclass(frozen=True)
class StreamColour:
    """What the values of a video mean, as code points of ITU-T H.273.

    matrix: from YUV to RGB, always known. primaries, transfer: as tagged; 2 is unspecified. full_range: whether luma
    runs from 0 to 255 instead of 16 to 235.
    """

    matrix: int
    primaries: int
    transfer: int
    full_range: bool

    @classmethod
    def of(cls, frame: VideoFrame) -> "StreamColour":
        """The colours of a frame. Without a tag, HD has the matrix of BT.709 and smaller video that of BT.601."""
        matrix = int(frame.colorspace)
        if matrix not in _MATRICES:
            is_hd = frame.width >= _HD_WIDTH or frame.height > _SD_HEIGHT
            matrix = BT_709 if is_hd else SMPTE_170M
        full = int(frame.color_range) == _FULL or frame.format.name.startswith("yuvj")
        return cls(matrix, int(frame.color_primaries), int(frame.color_trc), full)

    @property
    def profile(self) -> bytes | None:
        """The ICC profile of the RGB values, None for ordinary video, which counts as sRGB as in players.

        HDR (PQ and HLG) and wide primaries have one, with which the network sees natural colours.
        """
        if self.primaries not in _WIDE_PRIMARIES and self.transfer not in (_PQ, _HLG):
            return None
        primaries = BT_2020 if self.primaries == UNSPECIFIED else self.primaries
        return cicp_profile(primaries, self.transfer if self.transfer in (_PQ, _HLG) else _SRGB_CURVE)

    def to_rgb(self, frame: VideoFrame) -> Image.Image:
        """A frame as an RGB image of 8 bits."""
        source = _FULL if self.full_range else _LIMITED
        converted = frame.reformat(
            format="rgb24", src_colorspace=_MATRICES[self.matrix], src_color_range=source, dst_color_range=_FULL
        )
        return Image.fromarray(converted.to_ndarray())

    def to_frame(self, image: Image.Image, pixel_format: str) -> VideoFrame:
        """An L, RGB or RGBA image as a frame of a YUV format with limited range, which players expect."""
        pixels = np.ascontiguousarray(image)
        frame = VideoFrame.from_ndarray(pixels, format=_MODES[image.mode]).reformat(
            format=pixel_format,
            dst_colorspace=_MATRICES[self.matrix],
            src_color_range=_FULL,
            dst_color_range=_LIMITED,
        )
        self.tag(frame)
        return frame

    def tag(self, target: Any) -> None:
        """Write the colours into a frame, or into the codec context of a stream that `to_frame` supplies."""
        primaries, transfer = _USUAL.get(self.matrix, (UNSPECIFIED, UNSPECIFIED))
        target.colorspace = self.matrix
        target.color_range = _LIMITED
        target.color_primaries = primaries if self.primaries == UNSPECIFIED else self.primaries
        target.color_trc = transfer if self.transfer == UNSPECIFIED else self.transfer
