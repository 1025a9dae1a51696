"""What is done with a damaged file, and the judgement of what came of it."""

import hashlib
import io
import json
import random
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pspm_runtime import Model, PspmError, open_photo
from pspm_runtime.bundle import MANIFEST, open_bundle
from pspm_runtime.command.batch.ledger.ledger import LEDGER
from pspm_runtime.command.cli import main
from pspm_runtime.files.animation import open_frames

from pspm.checkpoint import read_weights, trained_network
from tests.fuzz import seeds
from tests.fuzz.mutations import mutate
from tests.runtime.engines.test_onnx import save
from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import encoded, gradient

MAX_MEGAPIXELS = 2.0
RIGHT, SENTENCE = "right", "one sentence"
_LONGEST_SENTENCE = 700
# How often each subject gets an input, of 100.
_SHARES = {"photo": 62, "command": 10, "trimap": 6, "background": 4, "profile": 8, "manifest": 5, "ledger": 2}
_SHARES["checkpoint"] = 100 - sum(_SHARES.values())


class UnexpectedError(Exception):
    """An outcome that is neither a right result nor one sentence."""


class Subjects:
    """Everything that a damaged file is given to, with a small network; folder: for files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pictures = seeds.pictures()
        self.model = Model(FakeEngine(), max_megapixels=MAX_MEGAPIXELS)
        self.trimap_model = Model(FakeEngine(takes_trimap=True), max_megapixels=MAX_MEGAPIXELS)
        self.photo = open_photo(Image.fromarray(gradient(*seeds.SIZE)))
        self.bundle = folder / "bundle"
        self.bundle.mkdir(exist_ok=True)
        file = save(self.bundle / "model.onnx", (0.3, 0.3, 0.3), 0.5)
        facts = json.loads(seeds.manifest()) | {"file": file.name, "sha256": _sha256(file), "format": "onnx"}
        self._sources = {
            "photo": self.pictures,
            "command": self.pictures,
            "trimap": {"trimap.png": seeds.trimap()},
            "background": self.pictures,
            "profile": seeds.profiles(),
            "manifest": {MANIFEST: json.dumps(facts).encode()},
            "ledger": {LEDGER: seeds.ledger()},
            "checkpoint": {"a.ckpt": seeds.checkpoint(folder)},
        }
        (self.bundle / MANIFEST).write_bytes(self._sources["manifest"][MANIFEST])

    def made(self, seed: int, index: int) -> tuple[str, str, bytes]:
        """The subject, the name and the bytes of a damaged file: the same ones for the same numbers."""
        rng = random.Random(f"{seed}/{index}")  # noqa: S311
        subject = rng.choices(list(_SHARES), list(_SHARES.values()))[0]
        names: Sequence[str] = list(self._sources[subject])
        name = rng.choice(names)
        return subject, name, mutate(self._sources[subject][name], list(self._sources[subject].values()), rng)

    def judge(self, subject: str, name: str, data: bytes) -> str:
        """`RIGHT` or `SENTENCE`; raises UnexpectedError, and whatever else escapes."""
        try:
            getattr(self, f"_{subject}")(name, data)
        except PspmError as error:
            _check_sentence(str(error))
            return SENTENCE
        return RIGHT

    def _photo(self, name: str, data: bytes) -> None:
        photo = self.model.open(data)
        width, height = photo.image.size
        if photo.image.mode != "RGB" or not 0 < width * height <= MAX_MEGAPIXELS * 1e6:
            raise UnexpectedError(f"a photo of {photo.image.size} and the mode {photo.image.mode}")
        if photo.transparency and (photo.transparency.mode, photo.transparency.size) != ("L", photo.image.size):
            raise UnexpectedError("transparency of another size")
        if photo.frames > 1:
            for frame in islice(open_frames(data, MAX_MEGAPIXELS), 3):
                _check_result(frame.image, frame.image.size)
        effect = len(data) % 4
        if effect == 0:
            alpha = self.model.predict_alpha(photo)
            if alpha.shape != (height, width) or not ((alpha >= 0) & (alpha <= 1)).all():
                raise UnexpectedError(f"a matte of {alpha.shape}")
            return
        results = self.model.cut_out, self.model.blur_background
        result = results[effect - 1](photo) if effect < 3 else self.model.replace_background(photo, "#20a0ff")
        _check_result(result, photo.image.size)

    def _background(self, name: str, data: bytes) -> None:
        _check_result(self.model.replace_background(self.photo, data), self.photo.image.size)

    def _trimap(self, name: str, data: bytes) -> None:
        alpha = self.trimap_model.predict_alpha(self.photo, trimap=data)
        if alpha.shape != self.photo.image.size[::-1] or not np.isfinite(alpha).all():
            raise UnexpectedError(f"a matte of {alpha.shape}")

    def _profile(self, name: str, data: bytes) -> None:
        mode = {"grey.icc": "L", "lab.icc": "LAB"}.get(name, "RGB")
        kind = "TIFF" if mode == "LAB" else "PNG" if len(data) % 2 else "JPEG"
        picture = Image.fromarray(gradient(*seeds.SIZE)) if mode == "RGB" else Image.new(mode, seeds.SIZE, 90)
        photo = self.model.open(encoded(picture, kind, icc_profile=data))
        _check_result(self.model.replace_background(photo, "#20a0ff"), seeds.SIZE)
        _check_result(self.model.blur_background(photo), seeds.SIZE)

    def _manifest(self, name: str, data: bytes) -> None:
        folder = self.folder / "damaged"
        folder.mkdir(exist_ok=True)
        (folder / "model.onnx").write_bytes((self.bundle / "model.onnx").read_bytes())
        (folder / MANIFEST).write_bytes(data)
        open_bundle(folder)
        alpha = Model(folder).predict_alpha(self.photo)
        if alpha.shape != self.photo.image.size[::-1]:
            raise UnexpectedError(f"a matte of {alpha.shape}")

    def _command(self, name: str, data: bytes) -> None:
        photo, out = self.folder / name, self.folder / "result.png"
        photo.write_bytes(data)
        out.unlink(missing_ok=True)
        options = ["--model", str(self.bundle), "--max-megapixels", str(MAX_MEGAPIXELS), "--keep-gps"]
        _run(["cutout" if len(data) % 2 else "alpha", str(photo), "-o", str(out), *options])
        with Image.open(out) as result:
            result.load()

    def _ledger(self, name: str, data: bytes) -> None:
        photos, out = self.folder / "photos", self.folder / "results"
        photos.mkdir(exist_ok=True)
        out.mkdir(exist_ok=True)
        (photos / "a.jpg").write_bytes(self.pictures["plain.jpg"])
        (out / "a.png").unlink(missing_ok=True)
        (out / LEDGER).write_bytes(data)
        _run(["alpha", str(photos), "-o", str(out), "--model", str(self.bundle), "--resume"])
        if not (out / "a.png").is_file():
            raise UnexpectedError("no result")

    def _checkpoint(self, name: str, data: bytes) -> None:
        path = self.folder / name
        path.write_bytes(data)
        try:
            trained_network(path)
            sum(float(weight.double().sum()) for weight in read_weights(path).values())
        except ValueError as error:  # the commands make a PspmError of it
            raise PspmError(str(error)) from None


def _run(arguments: list[str]) -> None:
    """Run the command. Raises its sentence as PspmError, and UnexpectedError for anything else that it prints."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
    printed = err.getvalue().strip()
    notes = printed in ("", "1 of 1 photos done") or (printed.startswith("pspm: ") and "--frames" in printed)
    if code == 0 and notes and "\n" not in printed:
        return
    if code != 1 or not printed.startswith("pspm: "):
        raise UnexpectedError(f"exit code {code}, printed {printed[:200]!r}")
    raise PspmError(printed)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _check_result(result: Image.Image, size: tuple[int, int]) -> None:
    if result.size != size or result.mode not in ("RGB", "RGBA"):
        raise UnexpectedError(f"a result of {result.size} and the mode {result.mode}")


def _check_sentence(text: Any) -> None:
    if "\n" in text or not 20 < len(text) < _LONGEST_SENTENCE:
        raise UnexpectedError(f"no sentence: {text[:300]!r}")
