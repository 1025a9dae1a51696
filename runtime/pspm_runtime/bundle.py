"""Bundles: a folder with a model file and its manifest, which tells an app everything it needs to run the file."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from pspm_runtime.errors import ModelError
from pspm_runtime.stages.network_view import InputSize

DEFAULT_MODEL = "mobile"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Bundle:
    """A checked manifest; `manifest.schema.json` describes its contents.

    model: path of the model file, or of the folder for Core ML. format: "onnx", "tflite" or "coreml".
    size: the sizes of the views that the network takes. mean, std: per channel, for pixels in [0, 1].
    trimap: the name of the second input of a network that takes a trimap, else None.
    facts: the whole manifest.
    """

    name: str
    network: str
    model: Path
    format: str
    sha256: str
    size: InputSize
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    trimap: str | None
    facts: dict[str, Any]

    @property
    def takes_trimap(self) -> bool:
        """Whether the network needs a trimap beside the photo."""
        return self.trimap is not None


def shipped() -> list[str]:
    """Names of the models in the package, the default first."""
    names = sorted(folder.name for folder in _weights().iterdir() if (folder / MANIFEST).is_file())
    return sorted(names, key=lambda name: name != DEFAULT_MODEL)


def open_bundle(model: str | Path) -> Bundle:
    """Open a shipped model by its name, or any bundle by its folder, and check the hash of its file.

    Raises ModelError for an unknown name, an unreadable manifest, and a file that does not match its manifest.
    """
    folder = _weights() / str(model)
    if str(model) not in shipped():
        folder = Path(model)
        if not folder.is_dir():
            raise ModelError(
                f"there is no model {str(model)!r}; choose one of {', '.join(shipped())}, or the folder of a bundle"
            )
    bundle = _read(folder / MANIFEST)
    _check_hash(bundle)
    return bundle


def digest(model: Path) -> str:
    """The sha256 of a file. For a folder, the sha256 of lines "SHA256  PATH" of its files, as sha256sum prints them.

    The paths are relative, with /, and sorted by their bytes.
    """
    if model.is_dir():
        paths = {path.relative_to(model).as_posix(): path for path in model.rglob("*") if path.is_file()}
        lines = (f"{digest(paths[name])}  {name}\n" for name in sorted(paths))
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    with model.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _weights() -> Path:
    return Path(str(files(__package__))) / "weights"


def _read(manifest: Path) -> Bundle:
    try:
        facts = json.loads(manifest.read_text())
        entry = facts["input"]
        return Bundle(
            name=facts["name"],
            network=facts["network"],
            model=manifest.parent / facts["file"],
            format=facts.get("format", "onnx"),
            sha256=str(facts["sha256"]),
            size=_read_size(**entry["size"]),
            mean=tuple(entry["mean"]),
            std=tuple(entry["std"]),
            trimap=facts["trimap"]["name"] if "trimap" in facts else None,
            facts=facts,
        )
    except OSError as error:
        raise ModelError(f"{manifest} cannot be read ({error.strerror}); point to the folder of a bundle") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{manifest} is not a manifest of a pspm model ({error!r}); export the model again") from None


def _read_size(side: int, multiple: int, longest: int, sizes: Sequence[dict[str, int]] = ()) -> InputSize:
    return InputSize(side, multiple, longest, tuple((size["width"], size["height"]) for size in sizes))


def _check_hash(bundle: Bundle) -> None:
    try:
        found = digest(bundle.model)
    except OSError as error:
        raise ModelError(f"{bundle.model} cannot be read ({error.strerror}); install the package again") from None
    if found != bundle.sha256:
        raise ModelError(
            f"{bundle.model} is damaged or not the model its manifest names (sha256 {found[:12]}..., "
            f"expected {bundle.sha256[:12]}...); install the package again"
        )
