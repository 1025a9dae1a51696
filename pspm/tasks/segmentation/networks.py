"""The segmentation networks: SegNet, and those of segmentation_models_pytorch and transformers."""

from collections.abc import Callable
from typing import Any

from pspm_runtime.extras import needs_extra
from torch import nn

from pspm.tasks.networks.registry import build
from pspm.tasks.segmentation.imagenet_input import ImageNetInput
from pspm.tasks.task import NONE, Made


def _unet(classes: int) -> nn.Module:
    import segmentation_models_pytorch as smp

    return smp.Unet("resnet18", encoder_weights=None, classes=classes)


def _fpn(classes: int) -> nn.Module:
    import segmentation_models_pytorch as smp

    return smp.FPN("resnet18", encoder_weights=None, classes=classes)


def _upernet(classes: int) -> nn.Module:
    import segmentation_models_pytorch as smp

    # Sec. 3.6.3.1: the encoder is MobileNetV2.
    return smp.UPerNet("mobilenet_v2", encoder_weights=None, classes=classes)


def _segformer(classes: int) -> nn.Module:
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

    # B1 differs from the default, B0, in its widths.
    options: dict[str, Any] = {"hidden_sizes": [64, 128, 320, 512], "num_labels": classes}
    return SegformerForSemanticSegmentation(SegformerConfig(**options))


def _maskformer(classes: int) -> nn.Module:
    from transformers import MaskFormerConfig, MaskFormerForInstanceSegmentation

    return MaskFormerForInstanceSegmentation(MaskFormerConfig(**_on_swin_base(classes)))


def _mask2former(classes: int) -> nn.Module:
    from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation

    return Mask2FormerForUniversalSegmentation(Mask2FormerConfig(**_on_swin_base(classes)))


def _on_swin_base(classes: int) -> dict[str, Any]:
    """Options of both: the backbone is Swin-B for pictures of 384 pixels."""
    from transformers import SwinConfig

    swin: dict[str, Any] = {
        "image_size": 384,
        "embed_dim": 128,
        "depths": [2, 2, 18, 2],
        "num_heads": [4, 8, 16, 32],
        "window_size": 12,
        "out_features": ["stage1", "stage2", "stage3", "stage4"],
    }
    return {"backbone_config": SwinConfig(**swin), "num_labels": classes}


OTHERS: dict[str, Callable[[int], nn.Module]] = {
    "unet-resnet18": _unet,
    "fpn-resnet18": _fpn,
    "upernet-mobilenet": _upernet,
    "segformer-b1": _segformer,
    "maskformer-swin-b": _maskformer,
    "mask2former-swin-b": _mask2former,
}
NETWORKS = ("segnet", *OTHERS)


def build_segmenter(made: Made) -> nn.Module:
    """Make a network with random weights and an operator at every upsampling that `replace_upsampling` finds.

    It takes RGB in [-1, 1], (N, 3, H, W); `outputs.scores` reads what it gives. The operator "none" leaves a network of
    another library as it is. Raises ValueError for an operator without a place, PspmError if the extra is missing.
    """
    if made.network not in OTHERS:
        return build(made.network, made.operator, classes=made.classes, **made.own_options())
    return ImageNetInput(replaced(OTHERS[made.network], made))


def replaced(make: Callable[[int], nn.Module], made: Made) -> nn.Module:
    """A network of another library with the operator. Raises as `build_segmenter`."""
    if made.width is not None:
        raise ValueError(f"{made.network} comes in one width; leave out --width")
    with needs_extra("operators"):
        network = make(made.classes)
    from pspm.operators import replace_upsampling

    if made.operator != NONE:
        replace_upsampling(network, made.operator)
    return network
