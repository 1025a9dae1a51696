"""The metadata of a photo that its result may carry."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from pspm_runtime.files.decoding.decoders import open_image
from pspm_runtime.files.decoding.quiet import quiet_decoders
from pspm_runtime.files.metadata.exif import kept_exif, resolution
from pspm_runtime.files.metadata.iptc import iptc_of, kept_iptc
from pspm_runtime.files.metadata.xmp import kept_xmp, xmp_of

# Their metadata may be behind the pixels.
_LOADED = ("PNG", "JXL")


@dataclass(frozen=True)
class Metadata:
    """What a result carries: EXIF, XMP and IPTC data, each empty if there is none."""

    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""

    @property
    def dpi(self) -> tuple[float, float] | None:
        """Dots per inch, across and down."""
        return resolution(self.exif)


NO_METADATA = Metadata()


def read_metadata(photo: bytes | str | Path, max_megapixels: float, *, gps: bool) -> Metadata:
    """The metadata of a photo that its result may carry; none that cannot be read.

    Kept are date, camera, lens, exposure, author, rights, title, description and resolution; the place only with
    `gps`. All else is left out: serial numbers, maker notes, thumbnails, faces, keywords, the history of edits.
    """
    try:
        with quiet_decoders(), io.BytesIO(photo) if isinstance(photo, bytes) else Path(photo).open("rb") as file:
            image = open_image(file, "the photo", max_megapixels)
            if image.format in _LOADED:
                image.load()
            return filtered(image, gps=gps)
    except Exception:  # decoders raise almost anything
        return Metadata()


def filtered(image: Image.Image, *, gps: bool) -> Metadata:
    """The metadata of an opened picture that its result may carry, see `read_metadata`.

    Where one kind of metadata is broken, the others are kept.
    """
    iptc = _or_nothing(lambda: kept_iptc(iptc_of(image), gps=gps))
    return Metadata(
        _or_nothing(lambda: kept_exif(image.getexif(), image.info.get("dpi"), gps=gps)),
        _or_nothing(lambda: kept_xmp(xmp_of(image), iptc, gps=gps)),
        iptc,
    )


def _or_nothing(read: Callable[[], bytes]) -> bytes:
    try:
        return read()
    except Exception:  # broken metadata raise almost anything, and the result can do without them
        return b""
