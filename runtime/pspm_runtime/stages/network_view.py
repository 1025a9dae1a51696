"""The view: a photo resized for the network. Runtime, training validation and calibration all use this resize."""

import math
from dataclasses import dataclass, replace

from PIL import Image

from pspm_runtime.constants import REDUCING_GAP

# A photo that is enlarged further shows a network nothing new.
LARGEST_SCALE = 2


@dataclass(frozen=True)
class InputSize:
    """The size rule of the view: the photo's area becomes `side`^2 pixels, its aspect ratio is kept.

    Each side is a multiple of `multiple`, from `multiple` to `longest`. Where all three are equal, the network takes
    only that square. sizes: (width, height) of every size the network takes, if they are few; the photo is stretched
    to the size with the nearest aspect ratio, the first one of equals.

    overlap: of a network with a trimap that looks at a photo at its own size, in tiles of `side` (or the first of
    `sizes`) that overlap by so many pixels; 0 for a network that looks at one view.

    enlarge_to: of a network with tiles: a photo of a smaller area than `enlarge_to`^2 is enlarged to that area first,
    at most to twice its width and height; 0 for a network that never enlarges.
    """

    side: int
    multiple: int
    longest: int
    sizes: tuple[tuple[int, int], ...] = ()
    overlap: int = 0
    enlarge_to: int = 0

    def fit(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) of the view of a photo of this width and height."""
        if self.sizes:
            return min(self.sizes, key=lambda size: abs(math.log(size[0] * height / (size[1] * width))))
        scale = self.side / (width * height) ** 0.5
        scale = min(scale, self.longest / max(width, height))
        return self._round(width * scale), self._round(height * scale)

    def smaller(self, side: int) -> "InputSize":
        """The rule for views of a smaller area, `side`^2; itself where the network takes few sizes or has a small view.

        `longest` shrinks with it.
        """
        if self.sizes or side >= self.side or self.multiple == self.longest:
            return self
        longest = max(self.multiple, self.longest * side // self.side // self.multiple * self.multiple)
        return replace(self, side=side, longest=longest)

    def tile(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) of the tiles of a photo of this width and height; a small photo is padded to one tile."""
        if self.sizes:
            return self.sizes[0]
        largest = max(1, self.side // self.multiple) * self.multiple
        across, down = (min(largest, -(-length // self.multiple) * self.multiple) for length in (width, height))
        return across, down

    def enlarged(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) at which a photo of this width and height is divided into tiles: its own, or larger."""
        scale = min(LARGEST_SCALE, max(1, self.enlarge_to / (width * height) ** 0.5))
        return round(width * scale), round(height * scale)

    def _round(self, length: float) -> int:
        return max(self.multiple, round(length / self.multiple) * self.multiple)


def resize_to_view(
    image: Image.Image, size: tuple[int, int], box: tuple[int, int, int, int] | None = None
) -> Image.Image:
    """Resize an image of any mode to a view of (width, height): bilinear with antialiasing, reduced first if large.

    box: the part to resize, (left, top, right, bottom); None for all of it.
    """
    return image.resize(size, Image.Resampling.BILINEAR, box=box, reducing_gap=REDUCING_GAP)


def network_view(
    image: Image.Image,
    transparency: Image.Image | None,
    size: tuple[int, int],
    box: tuple[int, int, int, int] | None = None,
) -> Image.Image:
    """The view of a photo: RGB of (width, height), transparent parts over white as image viewers show them.

    image: RGB; transparency: L of the same size, or None for an opaque photo. box: the part to show, or None for all.
    """
    view = resize_to_view(image, size, box)
    if transparency is None:
        return view
    return Image.composite(view, Image.new("RGB", size, "white"), resize_to_view(transparency, size, box))
