"""A loaded model: photo in, matte out, and the effects on top of it."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageChops

from pspm_runtime.bundle import Bundle, open_bundle
from pspm_runtime.errors import ModelError, NoPersonError
from pspm_runtime.files.photo import MAX_MEGAPIXELS, Photo, PhotoInput, open_photo
from pspm_runtime.stages import compose as _background
from pspm_runtime.stages.bokeh import blur_background as _blur_background
from pspm_runtime.stages.bokeh import check_strength
from pspm_runtime.stages.refine import refine
from pspm_runtime.stages.trimap import TrimapInput, fit_trimap, keep_known, open_trimap

PERSON_SHARE = 0.005


class Model:
    """One network in one inference session, safe to call from several threads.

    model: the name of a shipped model or the folder of a bundle.
    threads: how many the network may use; None leaves it to the engine (one a core).
    max_megapixels: photos beyond it are refused.

    A model that was trained with trimaps wants one with every photo, `trimap`: 0 where the background is, 255 where the
    foreground, 128 where the network shall decide, at the photo's size. The matte is what the trimap says where it is
    certain. No model that is shipped is of that kind.
    """

    def __init__(self, model: str | Path, threads: int | None = None, max_megapixels: float = MAX_MEGAPIXELS) -> None:
        if threads is not None and threads < 1:
            raise ModelError(f"{threads} threads cannot run a network; give 1 or more")
        self.bundle: Bundle = open_bundle(model)
        self.max_megapixels = max_megapixels
        self._session = _session(self.bundle, threads)

    def predict_alpha(
        self, photo: PhotoInput | Photo, *, trimap: TrimapInput | None = None, require_person: bool = False
    ) -> np.ndarray:
        """The matte of a photo: float32 (H, W) in [0, 1], upright and at the photo's own size.

        The steps are those of 8-bit pictures (1/255); a photo's own transparency is multiplied in. Without a person
        the matte is (almost) empty; with `require_person` that raises NoPersonError. PhotoError for what cannot be
        read.
        """
        matte = self.matte(self.open(photo), trimap=trimap, require_person=require_person)
        return np.divide(np.asarray(matte), 255, dtype=np.float32)

    def cut_out(
        self, photo: PhotoInput | Photo, *, trimap: TrimapInput | None = None, require_person: bool = False
    ) -> Image.Image:
        """The person on nothing: RGBA with straight alpha and estimated foreground colours, free of fringe."""
        opened = self.open(photo)
        return _background.cut_out(opened, self.matte(opened, trimap=trimap, require_person=require_person))

    def replace_background(
        self,
        photo: PhotoInput | Photo,
        background: PhotoInput,
        *,
        trimap: TrimapInput | None = None,
        require_person: bool = False,
    ) -> Image.Image:
        """The person before a colour ("#20a0ff") or a picture, which covers the photo's size: RGB."""
        picture = _background.open_background(background, self.max_megapixels)
        opened = self.open(photo)
        matte = self.matte(opened, trimap=trimap, require_person=require_person)
        return _background.replace_background(opened, matte, picture)

    def blur_background(
        self,
        photo: PhotoInput | Photo,
        strength: float = 0.5,
        *,
        trimap: TrimapInput | None = None,
        require_person: bool = False,
    ) -> Image.Image:
        """Depth of field: the background as seen through a wide lens, strength from 0 to 1: RGB."""
        check_strength(strength)
        opened = self.open(photo)
        return _blur_background(opened, self.matte(opened, trimap=trimap, require_person=require_person), strength)

    def open(self, photo: PhotoInput | Photo) -> Photo:
        """Read a photo once, for several calls."""
        return open_photo(photo, self.max_megapixels)

    def matte(self, photo: Photo, *, trimap: TrimapInput | None = None, require_person: bool = False) -> Image.Image:
        """The matte in 8 bits, an L image of the photo's size, as the effects and files use it."""
        self._check_trimap(trimap)
        drawn = None if trimap is None else open_trimap(trimap, photo.image.size, self.max_megapixels)
        view = self.network_view(photo)
        small = self.network_alpha(view) if drawn is None else self._told_alpha(view, drawn)
        if require_person and small.mean() < PERSON_SHARE:
            raise NoPersonError("no person was found in the photo; choose another one, or do not require a person")
        alpha = refine(small, view, photo.image)
        if drawn is not None:
            keep_known(alpha, drawn)
        return ImageChops.multiply(alpha, photo.transparency) if photo.transparency else alpha

    def network_view(self, photo: Photo) -> Image.Image:
        """The photo at the size at which the network looks at it, transparent parts on white as viewers show them."""
        size = self.bundle.size.fit(*photo.image.size)
        view = photo.image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
        if photo.transparency is None:
            return view
        mask = photo.transparency.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
        return Image.composite(view, Image.new("RGB", size, "white"), mask)

    def network_alpha(self, view: Image.Image, trimap: np.ndarray | None = None) -> np.ndarray:
        """The network's matte of its view: float32 (h, w) in [0, 1].

        trimap: for a network that takes one, see `fit_trimap`; without it everything is unknown.
        """
        mean, std = (np.asarray(x, np.float32) for x in (self.bundle.mean, self.bundle.std))
        pixels = np.asarray(view, np.float32) * (1 / (255 * std)) - mean / std
        image = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
        feed = {self._session.get_inputs()[0].name: image}
        if self.bundle.trimap is not None:
            feed[self.bundle.trimap] = np.zeros_like(image[:, :1]) if trimap is None else trimap[None, None]
        alpha = self._session.run(None, feed)[0]
        return np.clip(alpha[0, 0], 0, 1)

    def _told_alpha(self, view: Image.Image, trimap: Image.Image) -> np.ndarray:
        """The network's matte of its view where the trimap is unknown, and the trimap itself elsewhere."""
        told = fit_trimap(trimap, view.size)
        return np.where(told == 0, self.network_alpha(view, told), (told + 1) / 2).astype(np.float32)

    def _check_trimap(self, trimap: TrimapInput | None) -> None:
        if trimap is None and self.bundle.trimap is not None:
            raise ModelError(
                f"{self.bundle.name} must be given a trimap; pass one (trimap= in Python, --trimap), "
                "or choose another model"
            )
        if trimap is not None and self.bundle.trimap is None:
            raise ModelError(
                f"{self.bundle.name} takes no trimap; leave it out, or load a model that was trained with trimaps, see "
                "docs/networks.md"
            )


def _session(bundle: Bundle, threads: int | None) -> Any:
    """The bundle's file in the engine of its format. Raises ModelError where none here can run it."""
    if bundle.format == "tflite":
        from pspm_runtime.engines.litert import LiteRTSession

        return LiteRTSession(bundle.model, threads)
    if bundle.format != "onnx":
        raise ModelError(f"{bundle.model} is of the format {bundle.format}, which does not run here; export it to onnx")
    return _onnx_session(bundle, threads)


def _onnx_session(bundle: Bundle, threads: int | None) -> Any:
    # Imported here: it takes longer than everything else together, and `import pspm` is to be instant.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads or 0
    # A thread that spins between two photos burns a core for nothing.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(os.fspath(bundle.model), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(
            f"{bundle.model} is not a model that ONNX Runtime can run ({error}); export it again"
        ) from None
    if not _is_matting_network(session, bundle.trimap):
        raise ModelError(
            f"{bundle.model} does not turn an (N, 3, H, W) picture into an (N, 1, H, W) matte; export a matting network"
        )
    return session


def _is_matting_network(session: Any, trimap: str | None) -> bool:
    """Whether the first output is a matte of the picture, and the trimap if any, as far as their shapes tell."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    return (
        [entry.name for entry in inputs[1:]] == ([] if trimap is None else [trimap])
        and inputs[0].type == outputs[0].type == "tensor(float)"
        and len(inputs[0].shape) == len(outputs[0].shape) == 4
        and inputs[0].shape[1] == 3
        and outputs[0].shape[1] == 1
    )
