"""The models of the service, loaded once."""

from pspm_runtime.bundle import TRIMAP_MODEL
from pspm_runtime.errors import ModelError
from pspm_runtime.files.sample import sample_photo
from pspm_runtime.looks.quality import Quality
from pspm_runtime.model import Model
from pspm_runtime.server.settings import Settings


class Models:
    """One model for photos, and one for photos with a trimap. Raises ModelError for a model that cannot serve."""

    def __init__(self, settings: Settings) -> None:
        self._plain = Model(settings.model, settings.threads, settings.max_megapixels, device=settings.device)
        if self._plain.engine.takes_trimap:
            raise ModelError(
                f"{settings.model} needs a trimap for every photo; choose another --model, photos with a trimap get "
                f"{TRIMAP_MODEL} by themselves"
            )
        self._with_trimap = Model(TRIMAP_MODEL, settings.threads, settings.max_megapixels, device=settings.device)
        self._plain.matte(sample_photo())  # the first run takes longer, and no caller should wait for it

    def model(self, quality: Quality, *, with_trimap: bool) -> Model:
        """The model for a photo."""
        return (self._with_trimap if with_trimap else self._plain).of_quality(quality)
