"""The networks of the SAPA paper's Tables 2 and 3 and one of each other family, in full size, without weights.

They are built on torch's device "meta": a shape for every tensor, and no memory.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

# Of ADE20K.
CLASSES: dict[str, Any] = {"num_labels": 150}


@dataclass(frozen=True)
class Published:
    """A network of a family.

    title: its name in the paper. build: makes it. size: height and width of the picture that it is counted on.
    run: runs it, or all of it that upsamples, on such a picture.
    """

    title: str
    build: Callable[[], nn.Module]
    size: int
    run: Callable[[Any, Tensor], Any] = lambda network, picture: network(picture)

    def on_meta(self) -> nn.Module:
        """The network in eval mode, without memory."""
        with torch.device("meta"):
            return self.build().to("meta").eval()

    @torch.no_grad()
    def run_once(self, network: nn.Module) -> None:
        """Run it, for what counts the calls."""
        with torch.device("meta"):
            self.run(network, torch.empty(1, 3, self.size, self.size))


def _faster_rcnn() -> nn.Module:
    from torchvision.models.detection import fasterrcnn_resnet50_fpn

    return fasterrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=81)


def _segformer() -> nn.Module:
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

    config = SegformerConfig(hidden_sizes=[64, 128, 320, 512], **CLASSES)
    return SegformerForSemanticSegmentation(config)


def _swin_b() -> Any:
    from transformers import SwinConfig

    stages: dict[str, Any] = {"out_features": ["stage1", "stage2", "stage3", "stage4"]}
    return SwinConfig(
        embed_dim=128, depths=[2, 2, 18, 2], num_heads=[4, 8, 16, 32], window_size=12, image_size=640, **stages
    )


def _maskformer() -> nn.Module:
    from transformers import DetrConfig, MaskFormerConfig, MaskFormerForInstanceSegmentation

    config = MaskFormerConfig(backbone_config=_swin_b(), decoder_config=DetrConfig(), **CLASSES)
    return MaskFormerForInstanceSegmentation(config)


def _mask2former() -> nn.Module:
    from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation

    config = Mask2FormerConfig(backbone_config=_swin_b(), **CLASSES)
    return Mask2FormerForUniversalSegmentation(config)


def _unet(encoder: str, **options: Any) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        from segmentation_models_pytorch import Unet

        return Unet(encoder, encoder_weights=None, **options)

    return build


def _fpn() -> nn.Module:
    from segmentation_models_pytorch import FPN

    return FPN("resnet50", encoder_weights=None)


def _upernet() -> nn.Module:
    from segmentation_models_pytorch import UPerNet

    return UPerNet("mobilenet_v2", encoder_weights=None, classes=CLASSES["num_labels"])


def _pixel_decoder(network: Any, picture: Tensor) -> Any:
    """On features of Swin-B. They do not depend on the operator, and the backbone is long to run."""
    sides = (picture.shape[-1] // stride for stride in (4, 8, 16, 32))
    features = [torch.empty(1, 128 * 2**n, side, side) for n, side in enumerate(sides)]
    return network.model.pixel_level_module.decoder(features)


def _pyramid(network: Any, picture: Tensor) -> Any:
    """Without the detector's anchors, which need numbers."""
    return network.backbone(picture)


# By the name of the family's adapter.
PUBLISHED: dict[str, Published] = {
    "segformer": Published("SegFormer-B1", _segformer, 512),
    "maskformer": Published("MaskFormer, Swin-B", _maskformer, 640, _pixel_decoder),
    "mask2former": Published("Mask2Former, Swin-B", _mask2former, 640, _pixel_decoder),
    "feature_pyramid": Published("Faster R-CNN, R50", _faster_rcnn, 800, _pyramid),
    "unet": Published("UNet, ResNet-34", _unet("resnet34"), 512),
    "unet-vgg": Published(
        "UNet, VGG-16 with poolings", _unet("vgg16_bn", decoder_channels=(512, 256, 128, 64, 64)), 512
    ),
    "fpn": Published("FPN, R50", _fpn, 512),
    "upernet": Published("UperNet, MobileNetV2", _upernet, 512),
}
