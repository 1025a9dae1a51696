"""Put an operator into the upsampling stages of a torch network."""

import difflib
import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from pspm_runtime.errors import ModelError
from torch import Tensor, nn

from pspm.operators.registry import OPERATORS
from pspm.operators.replacement.named import place_named
from pspm.operators.replacement.placing import Placing
from pspm.operators.replacement.report import Replacement
from pspm.operators.replacement.stage import Stage

# The class that holds the upsampling, and the module here whose `place` knows it. A library is imported only for a
# network that was built with it.
FAMILIES: dict[str, str] = {
    "torchvision.ops.feature_pyramid_network.FeaturePyramidNetwork": "feature_pyramid",
    "transformers.models.segformer.modeling_segformer.SegformerDecodeHead": "segformer",
    "transformers.models.maskformer.modeling_maskformer.MaskFormerFPNModel": "maskformer",
    "transformers.models.mask2former.modeling_mask2former.Mask2FormerPixelDecoder": "mask2former",
    "segmentation_models_pytorch.decoders.unet.model.Unet": "unet",
    "segmentation_models_pytorch.decoders.fpn.decoder.FPNDecoder": "fpn",
    "segmentation_models_pytorch.decoders.upernet.decoder.UPerNetDecoder": "upernet",
}
UPSAMPLING = (nn.Upsample, nn.MaxUnpool2d, nn.PixelShuffle, nn.ConvTranspose2d)


def replace_upsampling(
    network: nn.Module,
    operator: str,
    *,
    pairs: Mapping[str, str | Sequence[str] | None] | None = None,
    example: Tensor | tuple[Any, ...] | None = None,
) -> Replacement:
    """Put an operator into the 2x upsampling stages of a network, in place; all else and its weights stay.

    Without `pairs`, the network must contain one of `FAMILIES`; an error leaves it unchanged. New stages take the
    network's device, type and mode. Their parameters start anew.

    Args:
        network: any torch network, on any device, "meta" too.
        operator: a name in `pspm.operators.OPERATORS`, such as "sapa-b".
        pairs: for a network of your own: the path of each module that upsamples, and the path of the module whose
            output guides it. The path of a 2x2 pooling pairs with it: its input is the guide, and an operator that
            pools in its own way pools there. None for a blind operator. A module that upsamples 2^n times becomes n
            doublings and takes n guides, the coarsest first.
        example: for `pairs`: one input of the network, or a tuple of its inputs, to find the shapes.

    Returns:
        What was placed where.

    Raises:
        ModelError: for an unknown operator, a network without upsampling that is known, an operator that does not fit
            at a stage, a scripted network, or one that already holds operators.
    """
    if operator not in OPERATORS:
        close = difflib.get_close_matches(operator, OPERATORS, 3, 0.3)
        closest = f" (closest: {', '.join(close)})" if close else ""
        raise ModelError(f"there is no operator named {operator!r}{closest}; the operators are {', '.join(OPERATORS)}")
    for path, module in network.named_modules():
        if isinstance(module, torch.jit.ScriptModule):
            where = path or "the network"
            raise ModelError(f"{where} is scripted, and cannot be changed; replace its upsampling before scripting it")
        if isinstance(module, Stage):
            raise ModelError(f"{path} is already an operator's; start from a network without, or from a copy of it")
    placing = Placing(network, operator)
    if pairs is not None:
        place_named(placing, pairs, example)
    else:
        for path, module in network.named_modules():
            family = _family(module)
            if family:
                importlib.import_module(f"pspm.operators.replacement.families.{family}").place(placing, path, module)
        if not placing.placed:
            raise ModelError(_nothing(network, placing))
    return placing.apply()


def _family(module: nn.Module) -> str | None:
    names = (f"{base.__module__}.{base.__qualname__}" for base in type(module).__mro__)
    return next((FAMILIES[name] for name in names if name in FAMILIES), None)


def _nothing(network: nn.Module, placing: Placing) -> str:
    what = f"found no upsampling to replace in {type(network).__name__}"
    if placing.left:
        return f"{what}: {'; '.join(f'{left.path} stays, {left.why}' for left in placing.left)}"
    named = [path for path, module in network.named_modules() if isinstance(module, UPSAMPLING)]
    if not named:
        return (
            f"{what}: it is of no known family ({', '.join(sorted(FAMILIES.values()))}), and no module of it "
            "upsamples; if its forward calls interpolate, make that an nn.Upsample and name it in pairs"
        )
    return f"{what}: it is of no known family; name its upsampling in pairs, for example {', '.join(named)}"
