"""Read and write JPEG XL with pylibjxl, an optional dependency, without registering anything in Pillow."""

from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageFile

from pspm_runtime.errors import OutputError, PhotoError

_CODESTREAM, _CONTAINER = b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"
_MODES = {(1, False): "L", (1, True): "LA", (3, False): "RGB", (3, True): "RGBA"}
# The basic facts come within these bytes, but for files with very large boxes in front.
_HEAD = 1 << 16


def is_jpeg_xl(head: bytes) -> bool:
    """Whether a file's first bytes are those of JPEG XL, bare or in its container."""
    return head.startswith((_CODESTREAM, _CONTAINER))


class JpegXlImage(ImageFile.ImageFile):
    """A JPEG XL picture for Pillow: its size is known when it is opened, and its pixels are decoded by `load`.

    The decoder applies the orientation, and scales all values to 8 bits.
    """

    format = "JXL"
    format_description = "JPEG XL"

    def _open(self) -> None:
        file: Any = self.fp
        facts = _probe(file)
        mode = _MODES.get((facts["color_channels"], facts["has_alpha"]))
        if mode is None:
            raise SyntaxError(f"{facts['color_channels']} channels")
        self._size, self._mode = (facts["width"], facts["height"]), mode
        self.info["animated"] = facts["have_animation"]
        self._pending = True

    def load(self) -> Any:
        """Decode the pixels, the colour profile, EXIF data without the orientation, and XMP."""
        if self._pending:
            import pylibjxl

            file: Any = self.fp
            file.seek(0)
            codes, metadata = pylibjxl.decode(file.read(), metadata=True)
            self.im = Image.fromarray(codes, self.mode).im
            self._pending = False
            if "icc" in metadata:
                self.info["icc_profile"] = metadata["icc"]
            if "xmp" in metadata:
                self.info["xmp"] = metadata["xmp"]
            if "exif" in metadata:
                self.info["exif"] = _without_orientation(metadata["exif"])
        return super().load()


def open_jpeg_xl(file: BinaryIO, name: str) -> Image.Image:
    """Open a JPEG XL picture without decoding it. Raises PhotoError for an animation and without pylibjxl.

    A damaged header raises what the decoder raises.
    """
    try:
        import pylibjxl  # noqa: F401
    except ImportError:
        raise PhotoError(
            f"{name} is a JPEG XL picture, which needs a decoder: pip install pylibjxl, or convert it to JPEG"
        ) from None
    image = JpegXlImage(file)
    if image.info.pop("animated"):
        # The decoder would give the last frame.
        raise PhotoError(f"{name} is an animated JPEG XL, which cannot be read; convert it to WebP or APNG")
    return image


def check_encoder(name: str) -> None:
    """Raise OutputError without pylibjxl."""
    try:
        import pylibjxl  # noqa: F401
    except ImportError:
        raise OutputError(
            f"{name} would be a JPEG XL, which needs an encoder: pip install pylibjxl, or use .webp"
        ) from None


def encode_jpeg_xl(image: Image.Image, quality: int, exif: bytes = b"", xmp: bytes = b"") -> bytes:
    """Encode an L, RGB or RGBA image. Quality 100 is lossless. Raises ValueError for what the format cannot hold."""
    import pylibjxl

    try:
        encoded: bytes = pylibjxl.encode(
            np.array(image),
            distance=_distance(quality),
            lossless=quality == 100,
            icc=image.info.get("icc_profile"),
            exif=exif.removeprefix(b"Exif\0\0") or None,
            xmp=xmp or None,
        )
    except RuntimeError as error:
        raise ValueError(str(error)) from None
    return encoded


def _distance(quality: int) -> float:
    """The distance for a quality from 1 to 100, as libjxl's JxlEncoderDistanceFromQuality has it."""
    if quality >= 30:
        return 0.0 if quality == 100 else 0.1 + (100 - quality) * 0.09
    return 53 / 3000 * quality**2 - 23 / 20 * quality + 25


def _probe(file: Any) -> dict[str, Any]:
    import pylibjxl

    for length in (_HEAD, -1):
        file.seek(0)
        try:
            facts: dict[str, Any] = pylibjxl.probe(file.read(length))
        except RuntimeError as error:
            failure = error
        else:
            return facts
    raise SyntaxError(str(failure))


def _without_orientation(exif: bytes) -> bytes:
    data = Image.Exif()
    try:
        data.load(exif)
        data.pop(0x0112, None)
        return data.tobytes()
    except Exception:  # broken EXIF raises almost anything
        return b""
