"""What a command does to each photo, in a form that other processes can be given."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pspm_runtime.bundle import open_bundle
from pspm_runtime.engines.devices import Device, found_device
from pspm_runtime.engines.native_stderr import native_quiet
from pspm_runtime.errors import NoPersonError, PspmError
from pspm_runtime.files.background import open_background, parse_colour
from pspm_runtime.files.encoding.wide_image import WideImage
from pspm_runtime.files.photo import Photo, PhotoInput
from pspm_runtime.looks.quality import DEFAULT_QUALITY, Quality
from pspm_runtime.model import NO_PERSON, Model
from pspm_runtime.package_files import installed_version
from pspm_runtime.stages import compose
from pspm_runtime.stages.bokeh import blur_background, check_strength
from pspm_runtime.stages.own_transparency import rounded_to_8_bits
from pspm_runtime.stages.person_box import person_box

LARGEST_MARGIN = 10


@dataclass(frozen=True)
class Effect:
    """An effect by the name of its command, and the options that it needs.

    trimap: a picture, as a path or as the bytes of its file. background: a colour, or such a picture, for "background".
    strength: for "blur". crop: the margin around the person to which results are cropped, as a share of its longer
    side; None for no crop. alpha_bits: of the matte, 8 or 16; 16 for "alpha" and "cutout" only. quality: how much time
    a matte may take. device: what runs the network.
    """

    name: str
    model: str
    threads: int | None
    max_megapixels: float
    trimap: str | bytes | None = None
    require_person: bool = False
    background: str | bytes | None = None
    strength: float | None = None
    crop: float | None = None
    alpha_bits: int = 8
    quality: Quality = DEFAULT_QUALITY
    device: Device = "auto"

    def open(self, loaded: Model | None = None) -> Callable[[PhotoInput | Photo], tuple[Image.Image | WideImage, bool]]:
        """Load the model and the background, and return the function from a photo to its result.

        loaded: the model, where a caller has loaded it already, with the effect's quality.
        The function also says whether there is a person in the photo. Raises PspmError for a wrong option, before any
        photo is read.
        """
        self.check()
        with native_quiet():
            picture = None if self.background is None else open_background(self.background, self.max_megapixels)
        model = loaded or Model(self.model, self.threads, self.max_megapixels, self.quality, self.device)

        def apply(photo: PhotoInput | Photo) -> tuple[Image.Image | WideImage, bool]:
            with native_quiet():  # libtiff prints what it finds, beside the error that we report
                opened = model.open(photo)
            wide = None
            if self.alpha_bits == 16:
                wide, has_person = model.matte_and_presence_16_bits(opened, trimap=self.trimap)
                matte = Image.fromarray(rounded_to_8_bits(wide))
            else:
                matte, has_person = model.matte_and_presence(opened, trimap=self.trimap)
            if self.require_person and not has_person:
                raise NoPersonError(NO_PERSON)
            box = None if self.crop is None else person_box(matte, self.crop)
            if self.crop is not None and box is None:
                raise NoPersonError("no person was found to crop the photo to; choose another one, or leave out --crop")
            result: Image.Image | WideImage
            if wide is not None:
                result = _wide_result(self.name, opened, wide)
            elif self.name == "alpha":
                result = matte
            elif self.name == "cutout":
                result = compose.cut_out(opened, matte)
            elif picture is not None:
                result = compose.replace_background(opened, matte, picture)
            else:
                result = blur_background(opened, matte, self.strength or 0.0)
            return result.crop(box) if box else result, has_person

        return apply

    def check(self) -> None:
        """Raise PspmError for an option out of its range."""
        if self.crop is not None and not 0 <= self.crop <= LARGEST_MARGIN:
            raise PspmError(f"--crop must be from 0 to {LARGEST_MARGIN}, a share of the person's longer side")
        if self.strength is not None:
            check_strength(self.strength)

    @property
    def inputs(self) -> list[Path]:
        """The files that the effect reads besides the photos."""
        trimap = Path(self.trimap) if isinstance(self.trimap, str) and self.trimap else None
        return [path for path in (self._picture, trimap) if path]

    @property
    def trimap_name(self) -> str:
        """What errors call the trimap."""
        return self.trimap if isinstance(self.trimap, str) else "the trimap"

    @property
    def _picture(self) -> Path | None:
        if not isinstance(self.background, str) or not self.background or parse_colour(self.background):
            return None
        return Path(self.background)

    def for_many(self) -> "Effect":
        """The same effect, for many photos: a background that can be read once only, such as a pipe, is read now."""
        path = self._picture
        if path is None or not path.exists() or path.is_file() or path.is_dir():
            return self
        return replace(self, background=_read(path))

    def with_picture_read(self) -> "Effect":
        """The same effect with the bytes of its background in place of the path, for other machines."""
        return self if self._picture is None else replace(self, background=_read(self._picture))

    def recipe(self) -> dict[str, Any]:
        """What the results depend on besides their photos; a picture by its sha256, not by its name."""
        facts = asdict(self)
        for option in ("threads", "max_megapixels", "require_person"):
            del facts[option]
        if (device := found_device(self.device)) == "cpu":
            del facts["device"]
        else:
            facts["device"] = device
        facts["pspm"] = installed_version("pspm")
        facts["model"] = open_bundle(self.model).sha256
        if isinstance(self.background, bytes):
            facts["background"] = hashlib.sha256(self.background).hexdigest()
        elif self._picture:
            facts["background"] = hashlib.sha256(_read(self._picture)).hexdigest()
        if self.trimap:
            if self.quality != "best":
                del facts["quality"]  # the others are alike with a trimap
            drawn = self.trimap if isinstance(self.trimap, bytes) else _read(Path(self.trimap))
            facts["trimap"] = hashlib.sha256(drawn).hexdigest()
        return facts


def _wide_result(name: str, photo: Photo, matte: np.ndarray) -> WideImage:
    if name == "alpha":
        return WideImage(matte)
    return WideImage(compose.cut_out_16_bits(photo, matte), photo.icc_profile)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PspmError(f"{path} cannot be read: {error.strerror}; check the path") from None
