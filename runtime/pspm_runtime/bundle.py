"""Bundles: a folder with a model file and its manifest, which tells an app everything it needs to run the file."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pspm_runtime.arguments import shown, type_name
from pspm_runtime.errors import ModelError
from pspm_runtime.manifest import (
    read_channels,
    read_file_name,
    read_format,
    read_sha256,
    read_size_rule,
    read_text,
    read_trimap_name,
)
from pspm_runtime.package_files import packaged, packaged_names
from pspm_runtime.stages.network_view import InputSize

DEFAULT_MODEL = "mobile"
# The model for a photo with a trimap, where no model is named.
TRIMAP_MODEL = "mobile-trimap"
MANIFEST = "manifest.json"
_WEIGHTS = "weights"
_LARGEST_MANIFEST = 1 << 20
_LONGEST_REASON = 300


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

    @property
    def is_shipped(self) -> bool:
        """Whether the package ships this bundle."""
        return self.name in shipped() and self.model.parent == packaged(f"{_WEIGHTS}/{self.name}")


def default_model_name(*, with_trimap: bool) -> str:
    """The name of the shipped model that is used where none is named."""
    return TRIMAP_MODEL if with_trimap else DEFAULT_MODEL


def shipped() -> list[str]:
    """Names of the models in the package, the default first."""
    return sorted(packaged_names(_WEIGHTS), key=lambda name: (name != DEFAULT_MODEL, name))


def open_bundle(model: str | Path) -> Bundle:
    """Open a shipped model by its name, or any bundle by its folder, and check the hash of its file.

    Raises ModelError for an unknown name, an unreadable manifest, values in it that no network has, a file outside the
    folder, and a file that does not match its manifest.
    """
    name = _path_text(model)
    is_shipped = name in shipped()
    folder = packaged(f"{_WEIGHTS}/{name}") if is_shipped else Path(name)
    if not is_shipped:
        if not _is_folder(folder):
            folder = Path(os.path.expanduser(name))  # noqa: PTH111 - Path.expanduser raises for unknown users
        if not name or not _is_folder(folder):
            raise ModelError(
                f"there is no model {shown(name)}; choose one of {', '.join(shipped())}, or the folder of a bundle"
            )
        check_inside(folder / MANIFEST, folder)
    bundle = _read(folder / MANIFEST)
    if not is_shipped:
        check_inside(bundle.model, folder)
    _check_hash(bundle)
    return bundle


def _path_text(model: Any) -> str:
    try:
        if isinstance(model, str | os.PathLike):
            return os.fsdecode(model)
    except Exception:  # noqa: S110 - __fspath__ of the caller's object may raise anything
        pass
    raise ModelError(f"a model cannot be of type {type_name(model)}; give the name of one, or the folder of a bundle")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # too long, or with a NUL
        return False


def check_inside(path: Path, folder: Path) -> None:
    """Raise ModelError unless a path leads to a regular file, or a folder of regular files, inside a bundle's folder.

    Links that stay in the folder are followed. Devices and pipes are refused before anything opens them.
    """
    try:
        inside, found = folder.resolve(strict=True), path.resolve(strict=True)
        parts = [found, *found.rglob("*")] if found.is_dir() else [found]
        regular = all(part.is_dir() or part.is_file() for part in parts)
        if not regular or any(inside not in part.resolve().parents for part in parts):
            raise ModelError(f"{path} is not a file inside the bundle's folder; export the model again")
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        reason = error.strerror if isinstance(error, OSError) else "its links form a loop"
        remedy = "point to the folder of a bundle" if path.name == MANIFEST else "install the package again"
        raise ModelError(f"{path} cannot be read ({reason}); {remedy}") from None


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


def _read(manifest: Path) -> Bundle:
    try:
        if manifest.stat().st_size > _LARGEST_MANIFEST:
            raise ModelError(f"{manifest} is too large for a manifest of a pspm model; export the model again")
        facts = json.loads(manifest.read_text(encoding="utf-8"))
        entry = facts["input"]
        return Bundle(
            name=read_text(facts, "name"),
            network=read_text(facts, "network"),
            model=manifest.parent / read_file_name(facts),
            format=read_format(facts),
            sha256=read_sha256(facts),
            size=read_size_rule(entry),
            mean=read_channels(entry, "mean"),
            std=read_channels(entry, "std"),
            trimap=read_trimap_name(facts),
            facts=facts,
        )
    except OSError as error:
        raise ModelError(f"{manifest} cannot be read ({error.strerror}); point to the folder of a bundle") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(
            f"{manifest} is not a manifest of a pspm model ({_reason(error)}); export the model again"
        ) from None


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not text in UTF-8"
    return repr(error)[:_LONGEST_REASON]


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
