"""A session for rembg: `rembg.remove(photo, session=session())` runs a model of ours."""

from pathlib import Path
from typing import Any

from PIL import Image

from pspm_runtime.bundle import DEFAULT_MODEL
from pspm_runtime.errors import PspmError
from pspm_runtime.looks.quality import DEFAULT_QUALITY, Quality
from pspm_runtime.model import Model


def session(model: str | Path = DEFAULT_MODEL, threads: int | None = None, quality: Quality = DEFAULT_QUALITY) -> Any:
    """A `rembg.sessions.BaseSession` that makes mattes with a shipped model, or a bundle by its folder.

    Load it once, for many photos. Raises PspmError where rembg is not installed, and ModelError for an unknown model.
    rembg keeps the photo's colours, so soft hair keeps some of the old background; `decontaminate=True` of
    `rembg.remove`, or `pspm.cut_out`, removes it.
    """
    try:
        from rembg.sessions.base import BaseSession
    except ImportError as error:
        raise PspmError(f"this needs {error.name}; install rembg with: pip install 'rembg[cpu]'") from None
    loaded = Model(model, threads, quality=quality)

    class Session(BaseSession):  # type: ignore[misc]
        """rembg calls `predict`; all else of BaseSession is about files that it downloads."""

        def __init__(self) -> None:
            self.model_name = self.name()

        def predict(self, img: Image.Image, *args: Any, **options: Any) -> list[Image.Image]:
            """The matte, L, of the photo's size. The options are those of rembg's networks."""
            return [loaded.matte(img)]

        @classmethod
        def name(cls, *args: Any, **options: Any) -> str:
            """What rembg calls the model."""
            return "pspm"

        @classmethod
        def download_models(cls, *args: Any, **options: Any) -> str:
            """The path of the model, which is there already."""
            return str(loaded.bundle.model) if loaded.bundle else ""

    return Session()
