"""Licence and origin of the weights, for manifests and Core ML packages."""

WEIGHTS_LICENCE = (
    "research and evaluation only; trained on photographs whose terms are not known, see docs/model-card.md"
)
WEIGHTS_DATA = (
    "Portraits from Flickr with closed-form mattes (Shen et al. 2016), studio cut-outs, published mattes, "
    "people with hard masks, backgrounds; encoder started from MobileNetV2 ImageNet weights (Apache-2.0). "
    "No photograph is part of this file."
)
