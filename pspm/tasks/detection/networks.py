"""Faster R-CNN with a feature pyramid, of torchvision."""

from typing import Any

from pspm_runtime.extras import needs_extra
from torch import nn

from pspm.tasks.task import NONE, Made

NETWORKS = ("faster-rcnn-small", "faster-rcnn-r50")
# Of the small one: longest side, channels of the pyramid and its heads, and proposals for each picture.
SMALL_SIDE, SMALL_WIDTH, SMALL_HEAD, SMALL_PROPOSALS = 128, 64, 128, 100


def build_detector(made: Made) -> nn.Module:
    """Make a detector with random weights and the operator at the pyramid's three upsamplings.

    Raises ValueError for an unknown network, ModelError for an operator that does not fit, PspmError if the extra
    `operators` is missing.
    """
    if made.network not in NETWORKS:
        raise ValueError(f"there is no network named {made.network!r} to detect; choose one of {', '.join(NETWORKS)}")
    if made.width is not None:
        raise ValueError(f"{made.network} comes in one width; leave out --width")
    with needs_extra("operators"):
        network = _small(made.classes) if made.network == "faster-rcnn-small" else _r50(made.classes)
    from pspm.operators import replace_upsampling

    if made.operator != NONE:
        replace_upsampling(network, made.operator)
    return network


def _r50(classes: int) -> nn.Module:
    from torchvision.models.detection import fasterrcnn_resnet50_fpn

    return fasterrcnn_resnet50_fpn(
        weights=None,
        weights_backbone=None,
        num_classes=classes,
        trainable_backbone_layers=5,
        min_size=800,
        max_size=1333,
    )


def _small(classes: int) -> nn.Module:
    """ResNet-18 with a narrow pyramid, for pictures of 128 pixels."""
    from torchvision.models import resnet18
    from torchvision.models.detection import FasterRCNN
    from torchvision.models.detection.anchor_utils import AnchorGenerator
    from torchvision.models.detection.backbone_utils import BackboneWithFPN
    from torchvision.models.detection.faster_rcnn import TwoMLPHead

    body: Any = resnet18(weights=None)
    layers = {f"layer{i}": str(i - 1) for i in range(1, 5)}
    backbone = BackboneWithFPN(body, layers, [64, 128, 256, 512], SMALL_WIDTH)
    # As the default, for five levels, at an eighth of the size.
    anchors = AnchorGenerator(tuple((side,) for side in (8, 16, 32, 64, 128)), ((0.5, 1.0, 2.0),) * 5)
    return FasterRCNN(
        backbone,
        min_size=SMALL_SIDE,
        max_size=SMALL_SIDE,
        rpn_anchor_generator=anchors,
        rpn_pre_nms_top_n_train=4 * SMALL_PROPOSALS,
        rpn_pre_nms_top_n_test=4 * SMALL_PROPOSALS,
        rpn_post_nms_top_n_train=2 * SMALL_PROPOSALS,
        rpn_post_nms_top_n_test=SMALL_PROPOSALS,
        rpn_batch_size_per_image=64,
        box_batch_size_per_image=64,
        box_head=TwoMLPHead(SMALL_WIDTH * 7 * 7, SMALL_HEAD),
        box_predictor=_predictor(classes),
    )


def _predictor(classes: int) -> nn.Module:
    from torchvision.models.detection.faster_rcnn import FastRCNNPredictor

    return FastRCNNPredictor(SMALL_HEAD, classes)
