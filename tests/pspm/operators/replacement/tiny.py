"""One small network of each family, with random weights, and how to run it."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import segmentation_models_pytorch as smp
import torch
from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from transformers import (
    DetrConfig,
    Mask2FormerConfig,
    Mask2FormerForUniversalSegmentation,
    MaskFormerConfig,
    MaskFormerForInstanceSegmentation,
    SegformerConfig,
    SegformerForSemanticSegmentation,
    SwinConfig,
)

SIZE = 64
SWIN = SwinConfig(
    embed_dim=8,
    depths=[1, 1, 1, 1],
    num_heads=[1, 1, 1, 1],
    window_size=2,
    image_size=SIZE,
    out_features=["stage1", "stage2", "stage3", "stage4"],
)


def faster_rcnn() -> nn.Module:
    layers = OrderedDict(
        stem=nn.Conv2d(3, 4, 3, 2, 1),
        layer1=nn.Conv2d(4, 6, 3, 2, 1),
        layer2=nn.Conv2d(6, 8, 3, 2, 1),
        layer3=nn.Conv2d(8, 10, 3, 2, 1),
        layer4=nn.Conv2d(10, 12, 3, 2, 1),
    )
    body = BackboneWithFPN(
        nn.Sequential(layers), {f"layer{n}": str(n - 1) for n in range(1, 5)}, [6, 8, 10, 12], out_channels=16
    )
    return FasterRCNN(body, num_classes=3, min_size=SIZE, max_size=SIZE, box_detections_per_img=5)


def segformer() -> nn.Module:
    return SegformerForSemanticSegmentation(
        SegformerConfig(
            depths=[1] * 4,
            hidden_sizes=[8, 8, 16, 16],
            num_attention_heads=[1] * 4,
            sr_ratios=[1] * 4,
            mlp_ratios=[1] * 4,
            decoder_hidden_size=16,
            num_labels=3,
        )
    )


def maskformer() -> nn.Module:
    decoder = DetrConfig(
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        num_queries=4,
    )
    return MaskFormerForInstanceSegmentation(
        MaskFormerConfig(
            backbone_config=SWIN, decoder_config=decoder, fpn_feature_size=32, mask_feature_size=32, num_labels=3
        )
    )


def mask2former() -> nn.Module:
    return Mask2FormerForUniversalSegmentation(
        Mask2FormerConfig(
            backbone_config=SWIN,
            feature_size=32,
            mask_feature_size=32,
            hidden_dim=32,
            encoder_feedforward_dim=16,
            dim_feedforward=16,
            encoder_layers=1,
            decoder_layers=2,
            num_attention_heads=2,
            num_queries=4,
            num_labels=3,
        )
    )


def unet() -> nn.Module:
    return smp.Unet("tu-test_efficientnet", encoder_weights=None, decoder_channels=(16, 16, 16, 8, 8))


def unet_with_poolings() -> nn.Module:
    """VGG-11 with a sixteenth of its channels, and a decoder of as many."""
    network = smp.Unet("vgg11", encoder_weights=None, decoder_channels=(32, 16, 8, 4, 4))
    features = [
        nn.Conv2d(max(3 * (layer.in_channels == 3), layer.in_channels // 16), layer.out_channels // 16, 3, padding=1)
        if isinstance(layer, nn.Conv2d)
        else layer
        for layer in network.encoder.features
    ]
    network.encoder.features = nn.Sequential(*features)
    network.encoder._out_channels = [channels // 16 for channels in network.encoder._out_channels]
    decoder = type(network.decoder)(network.encoder.out_channels, (32, 16, 8, 4, 4))
    network.decoder = decoder
    network.segmentation_head[0] = nn.Conv2d(4, 1, 3, padding=1)
    return network


def fpn() -> nn.Module:
    return smp.FPN(
        "tu-test_efficientnet", encoder_weights=None, decoder_pyramid_channels=16, decoder_segmentation_channels=32
    )


def upernet() -> nn.Module:
    return smp.UPerNet("tu-test_efficientnet", encoder_weights=None, decoder_channels=16)


# The name of the family, and its network, its number of stages with and without a guide, and what it doubled by.
TINY: dict[str, tuple[Callable[[], nn.Module], int, int, str]] = {
    "faster-rcnn": (faster_rcnn, 3, 3, "nearest"),
    "segformer": (segformer, 6, 6, "bilinear"),
    "maskformer": (maskformer, 3, 3, "nearest"),
    "mask2former": (mask2former, 1, 1, "bilinear"),
    "unet": (unet, 4, 5, "nearest"),
    "unet-vgg": (unet_with_poolings, 5, 5, "nearest"),
    "fpn": (fpn, 3, 3, "nearest"),
    "upernet": (upernet, 3, 3, "bilinear"),
}


def tiny(family: str) -> nn.Module:
    torch.manual_seed(0)
    return TINY[family][0]().eval()


def picture(n: int = 2) -> Tensor:
    return torch.rand(n, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(1))


def outputs(network: Any, x: Tensor) -> list[Tensor]:
    """All that depends on the upsampling: levels of a pyramid, logits of masks."""
    if isinstance(network, FasterRCNN):
        return list(network.backbone(x).values())
    result = network(x)
    if isinstance(result, Tensor):
        return [result]
    return [result["masks_queries_logits"] if "masks_queries_logits" in result else result["logits"]]
