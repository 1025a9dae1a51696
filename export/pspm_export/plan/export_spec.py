"""What a file is to be, checked before any work is done for it."""

import math
from dataclasses import dataclass

from pspm_runtime.bundle import Bundle
from pspm_runtime.errors import ModelError
from pspm_runtime.stages.network_view import InputSize

from pspm.networks import LONGEST_SIDE, MattingNetwork
from pspm_export.plan.formats import FORMATS, Format

Size = tuple[int, int]

# (height, width) of a file with one size is SIDE x SIDE unless another is asked for.
SIDE = 512
OTHER_SIZES = ((256, 256), (320, 448))


@dataclass(frozen=True)
class Target:
    """size: (height, width) that is traced, and that a file which is not `dynamic` takes, see `Target.sizes`."""

    format: Format
    precision: str
    size: Size = (SIDE, SIDE)
    dynamic: bool = True

    def check(self, multiple: int) -> None:
        """Raise ModelError, with what would be right, where the format or the network cannot do this."""
        offered = self.format.precisions
        if self.precision not in offered:
            raise ModelError(f"{self.format.name} has no precision {self.precision}; it has {', '.join(offered)}")
        if self.dynamic and not self.format.flexible:
            raise ModelError(f"a {self.format.name} file has one size; leave out --dynamic, and choose it with --size")
        good = range(multiple, LONGEST_SIDE + 1, multiple)
        for side in self.size:
            if side not in good:
                nearest = sorted(sorted(good, key=lambda other: abs(other - side))[:2])
                raise ModelError(
                    f"a side of {side} is no multiple of {multiple} up to {LONGEST_SIDE}; "
                    f"the nearest good ones are {' and '.join(map(str, nearest))}"
                )

    def sizes(self, multiple: int) -> tuple[Size, ...]:
        """(height, width) of all that the file takes, the traced one first; none where it takes any."""
        if self.dynamic:
            return ()
        return enumerated(self.size, multiple) if self.format.lists_sizes else (self.size,)

    def size_rule(self, multiple: int) -> InputSize:
        """The manifest's rule: any multiples, or the few sizes that the file takes."""
        height, width = self.size
        side, sizes = round(math.sqrt(height * width)), tuple((w, h) for h, w in self.sizes(multiple))
        if self.dynamic:
            return InputSize(side, multiple, LONGEST_SIDE)
        if height == width:
            return InputSize(side, side, side, sizes)
        return InputSize(side, multiple, max(self.size), sizes)

    def verified_sizes(self, multiple: int) -> tuple[Size, ...]:
        """(height, width) of the inputs that the file is verified on: the traced one, and others if it takes them."""
        return tuple(dict.fromkeys((self.size, *(OTHER_SIZES if self.dynamic else self.sizes(multiple)))))


def default_size(row: Format, network: MattingNetwork) -> Size:
    """(height, width) where none is asked for: the network's own view in a file that takes any, else 512 x 512."""
    side = network.VIEW_SIDE if row.flexible else SIDE
    return side, side


def enumerated(size: Size, multiple: int) -> tuple[Size, ...]:
    """The (height, width) of a file that lists its sizes: the traced one, and its square, 4:3 and 3:4."""
    long = max(size)
    short = round(0.75 * long / multiple) * multiple
    return tuple(dict.fromkeys([size, (long, long), (short, long), (long, short)]))


def target_of(bundle: Bundle) -> Target:
    """What the file of a bundle was to be; manifests of old, which do not say, are of ONNX with its weights in half."""
    rule = bundle.size
    width, height = rule.sizes[0] if rule.sizes else (rule.side, rule.side)
    return Target(
        FORMATS[bundle.format],
        bundle.facts.get("precision", "fp16-weights"),
        (height, width),
        dynamic=not rule.sizes and not rule.side == rule.multiple == rule.longest,
    )
