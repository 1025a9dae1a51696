"""A model: an engine that runs the network, and the stages before and after it."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, overload

import numpy as np
from PIL import Image, ImageOps

from pspm_runtime.arguments import check_flag, shown
from pspm_runtime.bundle import TRIMAP_MODEL, Bundle, open_bundle
from pspm_runtime.colour.profiles import to_srgb
from pspm_runtime.constants import PERSON_SHARE
from pspm_runtime.engines.devices import Device, check_device
from pspm_runtime.engines.engine import Engine
from pspm_runtime.engines.limits import check_alpha, check_threads, cores
from pspm_runtime.engines.open_engine import open_engine
from pspm_runtime.errors import ModelError, NoPersonError, PspmError
from pspm_runtime.files.background import Colour, open_background
from pspm_runtime.files.decoding.decoders import check_limit
from pspm_runtime.files.photo import MAX_MEGAPIXELS, Photo, PhotoInput, open_photo
from pspm_runtime.looks.budget import BUDGETS
from pspm_runtime.looks.find import find_people, shows_somebody
from pspm_runtime.looks.look import Look, view_of, whole, with_mirror_image
from pspm_runtime.looks.merge import merge, merge_to_16_bits
from pspm_runtime.looks.quality import DEFAULT_QUALITY, GUIDES, Quality, check_quality
from pspm_runtime.looks.second_look import NEARNESS, second_look
from pspm_runtime.stages import bokeh, compose
from pspm_runtime.stages.own_transparency import within_transparency, within_transparency_16_bits
from pspm_runtime.stages.refine import Guide
from pspm_runtime.stages.tiles import matte_in_tiles
from pspm_runtime.stages.trimap import (
    TrimapInput,
    fit_trimap,
    keep_known,
    keep_known_16_bits,
    keep_known_in_view,
    open_trimap,
)
from pspm_runtime.turns import Turns

P = ParamSpec("P")
R = TypeVar("R")

NO_PERSON = "no person was found in the photo; choose another one, or do not require a person"


def _in_turn(method: Callable[Concatenate["Model", P], R]) -> Callable[Concatenate["Model", P], R]:
    """Let at most as many threads into a method at once as the model has turns."""

    @wraps(method)
    def in_turn(model: "Model", /, *args: P.args, **options: P.kwargs) -> R:
        with model._turns.turn():
            return method(model, *args, **options)

    return in_turn


class Model:
    """A matting network and the stages around it. Safe to call from several threads.

    source: the name of a shipped model, the folder of a bundle, or an engine.
    threads: how many the network may use; None means one per core. An engine has its own number.
    max_megapixels: larger photos raise PhotoError.
    quality: how much time a matte may take, "fast", "balanced" or "best". With a trimap only "best" differs: each tile
    is seen mirrored too, and the mean counts.
    device: what runs the network, "auto", "cpu", "cuda", "coreml", "directml" or "openvino". "auto" is the CPU unless
    the package of ONNX Runtime for CUDA, DirectML or OpenVINO is installed.
    engine: runs the network. bundle: what was opened, None for an engine. The attributes threads and device are what
    was given.

    A model trained with trimaps needs one for every photo: `trimap`, of the photo's size, 0 for background, 255 for
    foreground and 128 for the unknown region, where the network decides. In the known regions the matte equals the
    trimap. Of the shipped models, `mobile-trimap` takes one.
    """

    def __init__(
        self,
        source: Engine | str | Path,
        threads: int | None = None,
        max_megapixels: float = MAX_MEGAPIXELS,
        quality: Quality = DEFAULT_QUALITY,
        device: Device = "auto",
    ) -> None:
        check_threads(threads)
        check_device(device)
        self.quality = check_quality(quality)
        self.max_megapixels = check_limit(max_megapixels)
        self.bundle: Bundle | None = None
        self.threads, self.device = threads, device
        given: Any = source
        if not _is_engine(given):
            self.bundle = open_bundle(given)
            given = open_engine(self.bundle, threads, device)
        self.engine: Engine = given
        # Each thread takes memory for its photo; more of them than cores are not faster. A caller's engine may wait for
        # several threads at once.
        self._turns = Turns(cores() if self.bundle else None)

    def of_quality(self, quality: Quality) -> "Model":
        """The same model with another quality. Both share the network and its turns; nothing is loaded again."""
        other = object.__new__(type(self))
        vars(other).update(vars(self), quality=check_quality(quality))
        return other

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the bundle's name or folder, which the copy opens again; a model of an engine pickles the engine."""
        return type(self), (self.source, self.threads, self.max_megapixels, self.quality, self.device)

    @property
    def source(self) -> Engine | str | Path:
        """From what the same model can be opened again: its name, the folder of its bundle, or its engine."""
        if self.bundle is None:
            return self.engine
        return self.bundle.name if self.bundle.is_shipped else self.bundle.model.parent.resolve()

    @_in_turn
    def predict_alpha(
        self,
        photo: PhotoInput | Photo,
        *,
        trimap: TrimapInput | None = None,
        require_person: bool = False,
        alpha_bits: int = 8,
    ) -> np.ndarray:
        """Predict the matte of a photo: float32 (H, W) in [0, 1], upright and of the photo's size.

        Values are multiples of 1/255, or of 1/65535 with `alpha_bits` 16. Transparency of the photo is multiplied in;
        a cut-out of a person keeps its own. A photo without a person gives an almost empty matte, or raises
        NoPersonError with `require_person`. Raises PhotoError for an unreadable photo.
        """
        if check_alpha_bits(alpha_bits) == 16:
            fine = self.matte_16_bits(photo, trimap=trimap, require_person=require_person)
            return np.divide(fine, 65535, dtype=np.float32)
        matte = self.matte(self.open(photo), trimap=trimap, require_person=require_person)
        return np.divide(np.asarray(matte), 255, dtype=np.float32)

    @overload
    def cut_out(
        self,
        photo: PhotoInput | Photo,
        *,
        trimap: TrimapInput | None = None,
        require_person: bool = False,
        alpha_bits: Literal[8] = 8,
    ) -> Image.Image: ...

    @overload
    def cut_out(
        self,
        photo: PhotoInput | Photo,
        *,
        trimap: TrimapInput | None = None,
        require_person: bool = False,
        alpha_bits: Literal[16],
    ) -> np.ndarray: ...

    def cut_out(
        self,
        photo: PhotoInput | Photo,
        *,
        trimap: TrimapInput | None = None,
        require_person: bool = False,
        alpha_bits: int = 8,
    ) -> Image.Image | np.ndarray:
        """Cut the person out: RGBA with straight (not premultiplied) alpha and estimated foreground colours.

        With `alpha_bits` 16, this is a uint16 array (H, W, 4), because Pillow has no such image: the matte has 65,536
        levels, and the colours are those of 8 bits, scaled.
        """
        with self._turns.turn():
            opened = self.open(photo)
            if check_alpha_bits(alpha_bits) == 16:
                fine = self.matte_16_bits(opened, trimap=trimap, require_person=require_person)
                return compose.cut_out_16_bits(opened, fine)
            return compose.cut_out(opened, self.matte(opened, trimap=trimap, require_person=require_person))

    @_in_turn
    def replace_background(
        self,
        photo: PhotoInput | Photo,
        background: PhotoInput | Photo | Colour,
        *,
        trimap: TrimapInput | None = None,
        require_person: bool = False,
    ) -> Image.Image:
        """Put the person in front of a colour ("#20a0ff") or a picture that is cropped to fill the photo: RGB."""
        behind = open_background(background, self.max_megapixels)
        opened = self.open(photo)
        matte = self.matte(opened, trimap=trimap, require_person=require_person)
        return compose.replace_background(opened, matte, behind)

    @_in_turn
    def blur_background(
        self,
        photo: PhotoInput | Photo,
        strength: float = 0.5,
        *,
        trimap: TrimapInput | None = None,
        require_person: bool = False,
    ) -> Image.Image:
        """Blur the background as a lens with a wide aperture does, strength from 0 to 1: RGB."""
        bokeh.check_strength(strength)
        opened = self.open(photo)
        matte = self.matte(opened, trimap=trimap, require_person=require_person)
        return bokeh.blur_background(opened, matte, strength)

    @_in_turn
    def open(self, photo: PhotoInput | Photo) -> Photo:
        """Read a photo once, for several calls."""
        return open_photo(photo, self.max_megapixels)

    @_in_turn
    def matte(
        self, photo: PhotoInput | Photo, *, trimap: TrimapInput | None = None, require_person: bool = False
    ) -> Image.Image:
        """Predict the matte with 8 bits: an L image of the photo's size, as effects and files use it."""
        check_flag(require_person, "require_person")
        matte, has_person = self.matte_and_presence(photo, trimap=trimap)
        if require_person and not has_person:
            raise NoPersonError(NO_PERSON)
        return matte

    @_in_turn
    def matte_16_bits(
        self, photo: PhotoInput | Photo, *, trimap: TrimapInput | None = None, require_person: bool = False
    ) -> np.ndarray:
        """Predict the matte with 16 bits: uint16 (H, W). Rounded to 8 bits it equals `matte` within a level."""
        check_flag(require_person, "require_person")
        matte, has_person = self.matte_and_presence_16_bits(photo, trimap=trimap)
        if require_person and not has_person:
            raise NoPersonError(NO_PERSON)
        return matte

    @_in_turn
    def matte_and_presence(
        self, photo: PhotoInput | Photo, *, trimap: TrimapInput | None = None
    ) -> tuple[Image.Image, bool]:
        """What `matte` predicts, and whether it holds a person: a photo without one has an almost empty matte."""
        photo = self.open(photo)
        drawn = self._open_trimap(photo, trimap)
        if drawn is not None and self.engine.size.overlap:
            tiled = self._tiled_matte(photo, drawn, 8)
            matte, has_person = Image.fromarray(tiled), float(tiled.mean()) / 255 >= PERSON_SHARE
        else:
            looks = self._looks(photo, drawn)
            matte, has_person = merge(looks, photo.over_white(), self._guide(drawn)), shows_somebody(looks)
            matte = matte if drawn is None else keep_known(matte, drawn)
        return within_transparency(matte, photo.transparency) if photo.transparency else matte, has_person

    @_in_turn
    def matte_and_presence_16_bits(
        self, photo: PhotoInput | Photo, *, trimap: TrimapInput | None = None
    ) -> tuple[np.ndarray, bool]:
        """Do what `matte_and_presence` does, with 16 bits."""
        photo = self.open(photo)
        drawn = self._open_trimap(photo, trimap)
        if drawn is not None and self.engine.size.overlap:
            matte = self._tiled_matte(photo, drawn, 16)
            has_person = float(matte.mean()) / 65535 >= PERSON_SHARE
        else:
            looks = self._looks(photo, drawn)
            matte = merge_to_16_bits(looks, photo.over_white(), self._guide(drawn))
            has_person = shows_somebody(looks)
            matte = matte if drawn is None else keep_known_16_bits(matte, drawn)
        return within_transparency_16_bits(matte, photo.transparency) if photo.transparency else matte, has_person

    def _open_trimap(self, photo: Photo, trimap: TrimapInput | None) -> Image.Image | None:
        """The trimap at the photo's size, None if the network takes none."""
        self._check_trimap(trimap)
        return None if trimap is None else open_trimap(trimap, photo.image.size, self.max_megapixels)

    def _tiled_matte(self, photo: Photo, drawn: Image.Image, bits: int) -> np.ndarray:
        """The matte of a network that looks at the photo at its own size: (H, W) uint8 or, with 16 bits, uint16."""

        def predict(tile: Image.Image, known: np.ndarray) -> np.ndarray:
            alpha = self.engine.alpha(np.asarray(to_srgb(tile, photo.icc_profile)), known)
            check_alpha(alpha, tile.width, tile.height)
            return alpha

        def predict_twice(tile: Image.Image, known: np.ndarray) -> np.ndarray:
            mirrored = predict(ImageOps.mirror(tile), np.ascontiguousarray(known[:, ::-1]))[:, ::-1]
            mean: np.ndarray = (predict(tile, known) + mirrored) / 2
            return mean

        with_quality = predict_twice if self.quality == "best" else predict
        return matte_in_tiles(with_quality, photo.over_white(), drawn, self.engine.size, bits)

    def _looks(self, photo: Photo, drawn: Image.Image | None) -> list[Look]:
        """The looks that the matte is made of; with a trimap, one look at the whole photo."""
        visible = photo.without_hidden()
        if drawn is not None:
            return [self._look_with_trimap(visible, drawn)]
        return self.looks(visible)

    def looks(self, photo: Photo) -> list[Look]:
        """Look at a photo as often as the quality says; `merge` makes one matte of the looks."""
        return self.second_looks(photo, find_people(self.engine, photo, BUDGETS[self.quality]))

    def second_looks(self, photo: Photo, looks: list[Look]) -> list[Look]:
        """Look again as the quality says. Balanced: a photo whose parts were looked at was seen near enough."""
        if self.quality == "fast" or (self.quality == "balanced" and len(looks) > 1):
            return looks
        if self.quality == "best" and len(looks) == 1:
            looks = [with_mirror_image(self.engine, photo, looks[0])]
        return [second_look(self.engine, photo, look, NEARNESS[self.quality]) for look in looks]

    def _guide(self, drawn: Image.Image | None) -> Guide:
        """What the matte follows; with a trimap all qualities follow the same."""
        return GUIDES[self.quality if drawn is None else "fast"]

    def _look_with_trimap(self, photo: Photo, drawn: Image.Image) -> Look:
        view = view_of(self.engine, photo, whole(photo))
        known = fit_trimap(drawn, view.size)
        alpha = self.engine.alpha(np.asarray(to_srgb(view, photo.icc_profile)), known)
        check_alpha(alpha, view.width, view.height)
        return Look(whole(photo), keep_known_in_view(alpha, known), view)

    def network_view(self, photo: PhotoInput | Photo) -> Image.Image:
        """Resize a photo for the network: RGB of a size that the network takes, transparent parts over white.

        The view is in the photo's colour space, as `refine` needs it. The network gets it converted to sRGB.
        """
        photo = self.open(photo)
        return view_of(self.engine, photo, whole(photo))

    def _check_trimap(self, trimap: TrimapInput | None) -> None:
        name = self.bundle.name if self.bundle else "this model"
        if trimap is None and self.engine.takes_trimap:
            raise ModelError(
                f"{name} must be given a trimap; pass one (trimap= in Python, --trimap), or choose another model"
            )
        if trimap is not None and not self.engine.takes_trimap:
            raise ModelError(
                f"{name} takes no trimap; leave the trimap out, or choose a model that takes one, such as "
                f"{TRIMAP_MODEL}"
            )


def _is_engine(source: Any) -> bool:
    return not isinstance(source, type) and all(hasattr(source, name) for name in ("alpha", "size", "takes_trimap"))


def check_alpha_bits(alpha_bits: Any) -> int:
    """The number of bits of a matte's levels. Raises PspmError unless it is 8 or 16."""
    if isinstance(alpha_bits, bool) or not isinstance(alpha_bits, int | np.integer) or alpha_bits not in (8, 16):
        raise PspmError(f"alpha_bits must be 8 or 16, not {shown(alpha_bits)}")
    return int(alpha_bits)
