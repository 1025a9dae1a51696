"""Where each network's encoder is, and which ImageNet weights fit it."""

from typing import NamedTuple

from pspm.tasks.encoders.layouts import MIT_B1, MOBILENET_V1, MOBILENET_V2, RESNET_18, RESNET_50, VGG_16, Layout
from pspm.tasks.encoders.swin import SWIN_B, SWIN_B_OF_MASKFORMER


class Encoder(NamedTuple):
    """path: the name of the encoder's module in the network. layout: of its ImageNet weights; None if none are read.

    normalises: whether the network passes pixels to it as ImageNet's networks take them, and not in [-1, 1].
    """

    path: str
    layout: Layout | None
    normalises: bool = False


# By the network's name. DnCNN has none: its pictures are grey.
ENCODERS = {
    "segnet": Encoder("body.down", VGG_16),
    "fastdepth": Encoder("encoder", MOBILENET_V1),
    "fastdepth-p": Encoder("encoder", MOBILENET_V1),
    "fastdepth-pruned": Encoder("encoder", None),
    "bts-r50": Encoder("encoder", RESNET_50),
    "hu-r50": Encoder("encoder", RESNET_50),
    "unet-resnet18": Encoder("network.encoder", RESNET_18, normalises=True),
    "fpn-resnet18": Encoder("network.encoder", RESNET_18, normalises=True),
    "upernet-mobilenet": Encoder("network.encoder", MOBILENET_V2, normalises=True),
    "segformer-b1": Encoder("network.segformer", MIT_B1, normalises=True),
    "maskformer-swin-b": Encoder("network.model.pixel_level_module.encoder", SWIN_B_OF_MASKFORMER, normalises=True),
    "mask2former-swin-b": Encoder("network.model.pixel_level_module.encoder", SWIN_B, normalises=True),
    "faster-rcnn-small": Encoder("backbone.body", RESNET_18, normalises=True),
    "faster-rcnn-r50": Encoder("backbone.body", RESNET_50, normalises=True),
}


def encoder_path(network: str) -> str | None:
    """The name of the encoder's module in a network; None if it has no encoder."""
    return ENCODERS[network].path if network in ENCODERS else None


def in_encoder(key: str, path: str | None) -> bool:
    """Whether a parameter or module of this name is in the encoder at a path. Operators inside are not part of it."""
    return path is not None and key.startswith(f"{path}.") and ".operators." not in f".{key}"
