"""Give a network the trained weights of the parts that it shares with another one (thesis sec. 6.5.2)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pspm.networks import MattingNetwork
from pspm.networks.cascade import Cascade
from pspm.networks.decoders.matdecoder import AttentionGuided, LateInteraction
from pspm.networks.mobile import Mobile
from pspm.networks.mobile_steady import MobileSteady
from pspm.networks.mobile_video import MobileVideo
from pspm.networks.pspm import PSPM
from pspm.networks.segmentation import SegmentationNetwork
from pspm.networks.trimap_based.given_trimap import GivenTrimap
from pspm.networks.trimap_based.indexnet import IndexNetMatting
from pspm.networks.trimap_based.mobile_trimap import MobileTrimap

# A prefix of the source's keys, and the one that its weights get.
Route = tuple[str, str]

# The convolutions of IndexNet's decoder and those of a MatDecoder with the same outputs at the same resolution. Where
# IndexNet's also reads a skip, behind its other inputs, the MatDecoder takes the weights of the other inputs.
LAST_LAYERS: tuple[Route, ...] = (
    ("matting.d.2.", "mat_decoder.tail.d2.0."),
    ("matting.d.1.", "mat_decoder.tail.d2.1."),
    ("matting.d.0.", "mat_decoder.tail.d0."),
)
ALL_LAYERS: tuple[Route, ...] = (
    ("matting.d.6.", "mat_decoder.d7.1."),
    ("matting.d.5.", "mat_decoder.d5."),
    ("matting.d.4.", "mat_decoder.d4."),
    ("matting.d.3.", "mat_decoder.d3."),
    *LAST_LAYERS,
)
STEM = "matting.encoder.stages.0.0.weight"
RGB = 3
# Batch norms count their batches. These counters are no weights, and folded weights have none.
COUNTER = "num_batches_tracked"


@dataclass(frozen=True)
class Transfer:
    """What a network took from a source. source: as it was named; network: the source's network.

    taken: parts of the new network that have the source's weights. left: parts that keep the weights they had. Both
    are dotted names, the largest that cover what they name; neither names anything if all weights were taken.
    """

    source: str
    network: str
    taken: tuple[str, ...]
    left: tuple[str, ...]

    def __str__(self) -> str:
        if not self.left:
            return f"{self.source} ({self.network}): took all weights"
        return f"{self.source} ({self.network}): took {', '.join(self.taken)}; left as it was: {', '.join(self.left)}"


@torch.no_grad()
def transfer(target: MattingNetwork, source: MattingNetwork, weights: dict[str, Tensor]) -> set[str]:
    """Load the weights of a source into the parts of a target that correspond. Returns the target's loaded keys.

    A convolution with more inputs than its source gets zeros for the new ones; with fewer, it takes the first. Both
    networks concatenate what they share first. Operators are taken if both networks have the same ones.

    Raises ValueError if the networks share no part.
    """
    own = target.state_dict()
    keep_operators = _operators(own) != _operators(source.state_dict())
    new: dict[str, Tensor] = {}
    for old, prefix in routes(target, source):
        for key, value in weights.items():
            name = prefix + key.removeprefix(old)
            if not key.startswith(old) or name not in own or (keep_operators and _is_operator(name)):
                continue
            fitted = fit(value, own[name]) if name != STEM else fit_stem(value, own[name])
            if fitted is not None:
                new[name] = fitted
    if not new:
        raise ValueError("it shares no part with this network")
    target.load_state_dict(new, strict=False)
    return set(new)


def routes(target: MattingNetwork, source: MattingNetwork) -> tuple[Route, ...]:
    """How the source's keys become the target's; none if they share no part."""
    match source, target:
        case (SegmentationNetwork() | PSPM(), SegmentationNetwork() | PSPM()):
            return (("", ""),)
        case SegmentationNetwork(), Cascade():
            return (("", "segmentation."),)
        case Cascade(), SegmentationNetwork():
            return (("segmentation.", ""),)
        case Cascade(), PSPM():
            return (("segmentation.", ""), *_decoder_layers(target))
        case GivenTrimap(matting=IndexNetMatting()), PSPM():
            return _decoder_layers(target)
        case GivenTrimap(matting=IndexNetMatting()), Cascade():
            return (("matting.", "matting."),)
        case Cascade(), GivenTrimap(matting=IndexNetMatting()) if source.summed:
            return (("matting.", "matting."),)
        case Cascade(), Cascade() if source.summed or not target.summed:
            return (("", ""),)
        case GivenTrimap(), GivenTrimap() if type(source.matting) is type(target.matting):
            return (("", ""),)
        case Mobile(), MobileTrimap() | MobileVideo() | MobileSteady():
            return (("", ""),)
        case _ if type(source) is type(target) and not isinstance(source, Cascade | GivenTrimap):
            return (("", ""),)
    return ()


def _decoder_layers(target: PSPM) -> tuple[Route, ...]:
    match target.mat_decoder:
        case LateInteraction():
            return ALL_LAYERS
        case AttentionGuided():
            return LAST_LAYERS
    return ()


def fit(value: Tensor, like: Tensor) -> Tensor | None:
    """A weight for other inputs: (out, in, k, k) to the shape of `like`; None if more than the inputs differ."""
    if value.shape == like.shape:
        return value
    if value.ndim != 4 or value.ndim != like.ndim or value[:, 0].shape != like[:, 0].shape:
        return None
    shared = min(value.shape[1], like.shape[1])
    fitted = torch.zeros_like(like)
    fitted[:, :shared] = value[:, :shared]
    return fitted


def fit_stem(value: Tensor, like: Tensor) -> Tensor | None:
    """The weight of a matting network's first convolution, for a trimap of one or of three channels.

    Of the weight w of a trimap M = F + U/2, the three probabilities get -w/2 (background), 0 and w/2 (foreground):
    with B + U + F = 1, the sum is the same for every trimap.
    """
    if value.shape[1] != RGB + 1 or like.shape[1] != RGB + 3 or value[:, 0].shape != like[:, 0].shape:
        return fit(value, like)
    half = value[:, RGB:] / 2
    return torch.cat([value[:, :RGB], -half, torch.zeros_like(half), half], 1)


def parts(network: nn.Module, keys: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts of a network whose weights are all among the keys, and those where none is; the largest of each.

    The counters of batch norms are no weights. If all weights are among the keys, both are empty.
    """
    own = [key for key in network.state_dict() if not key.endswith(COUNTER)]
    inside: list[str] = []
    outside: list[str] = []

    def visit(prefix: str) -> None:
        below = {key for key in own if not prefix or key == prefix or key.startswith(f"{prefix}.")}
        if below <= keys:
            inside.append(prefix)
        elif not below & keys:
            outside.append(prefix)
        else:
            start = len(prefix) + 1 if prefix else 0
            for child in dict.fromkeys(key[start:].partition(".")[0] for key in own if key in below):
                visit(f"{prefix}.{child}" if prefix else child)

    visit("")
    return tuple(filter(None, inside)), tuple(outside)


def _is_operator(key: str) -> bool:
    return ".operators." in f".{key}"


def _operators(state: dict[str, Tensor]) -> dict[str, torch.Size]:
    """The shapes of the operators' weights; empty for operators without any."""
    return {key.rpartition(".operators.")[2]: value.shape for key, value in state.items() if _is_operator(key)}
