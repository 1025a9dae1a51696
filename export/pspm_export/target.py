"""What a file is to be, checked before any work is done for it."""

from dataclasses import dataclass

from pspm_runtime.bundle import Bundle, InputSize
from pspm_runtime.errors import ModelError

from pspm_export.formats import FORMATS, Format

SIDE = 512
LONGEST = 1024
OTHER_SIZES = ((256, 256), (320, 448))


@dataclass(frozen=True)
class Target:
    """side: of the square that is traced, and that is the only size unless `dynamic`."""

    format: Format
    precision: str
    side: int = SIDE
    dynamic: bool = True

    def check(self, multiple: int) -> None:
        """Raise ModelError, with what would be right, where the format or the network cannot do this."""
        offered = self.format.precisions
        if self.precision not in offered:
            raise ModelError(f"{self.format.name} has no precision {self.precision}; it has {', '.join(offered)}")
        if self.dynamic and not self.format.flexible:
            raise ModelError(f"a {self.format.name} file has one size; leave out --dynamic, and choose it with --size")
        good = range(multiple, LONGEST + 1, multiple)
        if self.side not in good:
            nearest = sorted(sorted(good, key=lambda side: abs(side - self.side))[:2])
            raise ModelError(
                f"a size of {self.side} is no multiple of {multiple} up to {LONGEST}; "
                f"the nearest good ones are {' and '.join(map(str, nearest))}"
            )

    def size_rule(self, multiple: int) -> InputSize:
        """The manifest's rule: any multiples, or the one square."""
        if self.dynamic:
            return InputSize(self.side, multiple, LONGEST)
        return InputSize(self.side, self.side, self.side)

    @property
    def verified_sizes(self) -> tuple[tuple[int, int], ...]:
        """(height, width) of the inputs that the file is verified on: the traced one, and others if it takes them."""
        return ((self.side, self.side), *(OTHER_SIZES if self.dynamic else ()))


def target_of(bundle: Bundle) -> Target:
    """What the file of a bundle was to be; manifests of old, which do not say, are of ONNX with its weights in half."""
    rule = bundle.size
    return Target(
        FORMATS[bundle.format],
        bundle.facts.get("precision", "fp16-weights"),
        rule.side,
        dynamic=not rule.side == rule.multiple == rule.longest,
    )
