"""The loss and the labels of a segmentation network, whatever form its outputs have."""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.tasks.segmentation.imagenet_input import ImageNetInput
from pspm.tasks.segmentation.layouts import IGNORED

# By name, so that transformers is imported only for its own networks.
MASK_NETWORKS = ("MaskFormerForInstanceSegmentation", "Mask2FormerForUniversalSegmentation")


class Predicted(NamedTuple):
    """The class of each pixel, (N, H, W), and how many classes there are."""

    labels: Tensor
    classes: int


class Masks(NamedTuple):
    """The classes in a picture, (classes,), and the mask of each, (classes, H, W) in float32."""

    masks: Tensor
    classes: Tensor


def masks_of(label: Tensor) -> Masks:
    """The masks of a picture of labels, (H, W); none of pixels that are ignored."""
    classes = label.unique()
    classes = classes[classes != IGNORED]
    return Masks((label == classes[:, None, None]).float(), classes)


def segmentation_loss(network: nn.Module, image: Tensor, label: Tensor) -> Tensor:
    """The softmax loss; of MaskFormer and Mask2Former, their own loss of matched masks.

    image: (N, 3, H, W); label: (N, H, W) int64.
    """
    if predicts_masks(network):
        targets = [masks_of(each) for each in label]
        masks, classes = [target.masks for target in targets], [target.classes for target in targets]
        return network(image, mask_labels=masks, class_labels=classes).loss.squeeze()
    return F.cross_entropy(scores(network(image), label.shape[1:]), label, ignore_index=IGNORED)


def predict(network: nn.Module, image: Tensor) -> Predicted:
    """The class of each pixel of pictures, (N, 3, H, W)."""
    found = scores(network(image), image.shape[2:])
    return Predicted(found.argmax(1), found.shape[1])


def scores(output: Any, size: torch.Size) -> Tensor:
    """The scores of the classes at a (height, width), (N, classes, H, W).

    output: a tensor, or what transformers gives; of masks with classes, their sum as MaskFormer's eq. 4 and sec. 3.4.
    """
    if hasattr(output, "masks_queries_logits"):
        classes = output.class_queries_logits.softmax(-1)[..., :-1]
        found = torch.einsum("nqc,nqhw->nchw", classes, output.masks_queries_logits.sigmoid())
    else:
        found = output if isinstance(output, Tensor) else output.logits
    return found if found.shape[2:] == size else F.interpolate(found, tuple(size), mode="bilinear")


def predicts_masks(network: nn.Module) -> bool:
    """Whether a network predicts masks with classes, as MaskFormer and Mask2Former do."""
    return isinstance(network, ImageNetInput) and type(network.network).__name__ in MASK_NETWORKS
