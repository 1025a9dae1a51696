"""Encoders: the codecs of results, and what each of them is told of the frames."""

from typing import Any, NamedTuple

from pspm_runtime.video.container.reader import VideoReader


class VideoCodec(NamedTuple):
    """A codec of FFmpeg, its pixel format and its options."""

    name: str
    pixel_format: str
    options: dict[str, str]


# Each frame that an encoder keeps takes memory: a short lookahead, one frame that is coded late, and threads that share
# a frame.
_X264 = {"crf": "18", "preset": "veryfast", "rc-lookahead": "2", "bf": "1", "x264-params": "sync-lookahead=0"}
H264 = VideoCodec("libx264", "yuv420p", _X264)
# Without lag: alpha is a second picture in VP9, which rules out frames that are shown later than they are coded, and
# without alpha a lag takes 100 MB at 1080p for files of the same size.
_VP9 = {
    "crf": "24",
    "b": "0",
    "deadline": "realtime",
    "cpu-used": "6",
    "row-mt": "1",
    "auto-alt-ref": "0",
    "lag-in-frames": "0",
}
VP9 = VideoCodec("libvpx-vp9", "yuv420p", _VP9)
VP9_WITH_ALPHA = VideoCodec("libvpx-vp9", "yuva420p", _VP9)
PRORES_4444 = VideoCodec("prores_ks", "yuva444p10le", {"profile": "4444", "vendor": "apl0"})


def prepare_encoder(context: Any, size: tuple[int, int], pixel_format: str, reader: VideoReader) -> None:
    """Tell an encoder, before it is opened, the (width, height) of its frames, and the times of a video."""
    context.width, context.height = size
    context.pix_fmt = pixel_format
    context.time_base = reader.time_base
    if reader.aspect != 1:
        context.sample_aspect_ratio = reader.aspect
    context.thread_type = "SLICE"  # threads with a frame each would keep as many
