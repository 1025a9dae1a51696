"""The export spec: which file is wanted, checked before any work starts."""

import math
from dataclasses import dataclass

from pspm_runtime.bundle import Bundle
from pspm_runtime.errors import ModelError
from pspm_runtime.stages.network_view import InputSize

from pspm.networks import LONGEST_SIDE, MattingNetwork
from pspm_export.plan.formats import FORMATS, Format

Size = tuple[int, int]

SIDE = 512
OTHER_SIZES = ((256, 256), (320, 448))


@dataclass(frozen=True)
class ExportSpec:
    """Format, precision and size of one file. All sizes are (height, width).

    multiple: both sides of a size must be multiples of it; a property of the network.
    takes_trimap: whether the file has a trimap as its second input; a property of the network.
    size: the size that is traced. A file that is not `dynamic` takes only this one, or those in `sizes`.
    dynamic: whether the file takes other sizes too.
    overlap: of the tiles of a network that looks at a photo at its own size, else 0; a property of the network.
    enlarge_to: the area, as the side of a square, to which it enlarges small photos, else 0; likewise.
    for_browsers: whether the file is made for engines in browsers; others get files that are faster on CPUs.

    The constructor raises ModelError, with a remedy, for what the format or the network does not offer.
    """

    format: Format
    precision: str
    multiple: int
    takes_trimap: bool
    size: Size
    dynamic: bool
    overlap: int = 0
    enlarge_to: int = 0
    for_browsers: bool = False

    def __post_init__(self) -> None:
        offered = self.format.precisions
        if self.precision not in offered:
            raise ModelError(f"{self.format.name} has no precision {self.precision}; it has {', '.join(offered)}")
        if self.dynamic and not self.format.flexible:
            raise ModelError(f"a {self.format.name} file has one size; leave out --dynamic and choose one with --size")
        allowed = range(self.multiple, LONGEST_SIDE + 1, self.multiple)
        for side in self.size:
            if side not in allowed:
                nearest = sorted(sorted(allowed, key=lambda other: abs(other - side))[:2])
                raise ModelError(
                    f"a side of {side} is not a multiple of {self.multiple} up to {LONGEST_SIDE}; "
                    f"the nearest are {' and '.join(map(str, nearest))}"
                )

    @property
    def calibrated(self) -> bool:
        """Whether the writer needs calibration pictures."""
        return self.precision in self.format.calibrated

    @property
    def sizes(self) -> tuple[Size, ...]:
        """Every size that the file takes, the traced one first; empty if it takes any."""
        if self.dynamic:
            return ()
        return _listed_sizes(self.size, self.multiple) if self.format.lists_sizes else (self.size,)

    @property
    def size_rule(self) -> InputSize:
        """The size rule of the manifest: any multiples, or the few sizes that the file takes."""
        height, width = self.size
        side, sizes = round(math.sqrt(height * width)), tuple((w, h) for h, w in self.sizes)
        tiles = (sizes, self.overlap, self.enlarge_to)
        if self.dynamic:
            return InputSize(side, self.multiple, LONGEST_SIDE, *tiles)
        if height == width:
            return InputSize(side, side, side, *tiles)
        return InputSize(side, self.multiple, max(self.size), *tiles)

    @property
    def verified_sizes(self) -> tuple[Size, ...]:
        """The sizes at which the file is compared with torch: the traced one, and others if it takes them."""
        return tuple(dict.fromkeys((self.size, *(OTHER_SIZES if self.dynamic else self.sizes))))


def spec_for(
    network: MattingNetwork, row: Format, precision: str, size: Size | None = None, *, dynamic: bool = False
) -> ExportSpec:
    """The spec of a file of a network. Raises ModelError, see `ExportSpec`, and for a network with a state.

    Without a size, a format that can take any size does, and traces the network's own view; another one gets 512x512.
    """
    if network.takes_previous:
        raise ModelError("files for networks with the previous matte cannot be written yet; export mobile instead")
    if size is None:
        side = network.VIEW_SIDE if row.flexible else SIDE
        size, dynamic = (side, side), dynamic or row.flexible
    overlap = min(network.OVERLAP, min(size) // 2)
    tiles = overlap, network.ENLARGE_TO
    return ExportSpec(row, precision, network.MULTIPLE, network.takes_trimap, size, dynamic, *tiles)


def spec_of_bundle(bundle: Bundle, network: MattingNetwork) -> ExportSpec:
    """The spec of an existing bundle of a network. Old manifests do not state it: they are ONNX in fp16-weights."""
    rule = bundle.size
    width, height = rule.sizes[0] if rule.sizes else (rule.side, rule.side)
    dynamic = not rule.sizes and not rule.side == rule.multiple == rule.longest
    precision = bundle.facts.get("precision", "fp16-weights")
    return spec_for(network, FORMATS[bundle.format], precision, (height, width), dynamic=dynamic)


def _listed_sizes(size: Size, multiple: int) -> tuple[Size, ...]:
    """The sizes of a file that lists them: the traced one, and its square, 4:3 and 3:4."""
    long = max(size)
    short = round(0.75 * long / multiple) * multiple
    return tuple(dict.fromkeys([size, (long, long), (short, long), (long, short)]))
