import io

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.files.sample import synthetic_jpeg


@pytest.mark.parametrize("megapixels", [0.05, 0.3, 2])
def test_synthetic_photo_has_the_megapixels_asked_for(megapixels: float) -> None:
    with Image.open(io.BytesIO(synthetic_jpeg(megapixels))) as image:
        assert image.format == "JPEG"
        assert image.width * image.height == pytest.approx(megapixels * 1e6, rel=0.01)
        assert image.width / image.height == pytest.approx(3 / 4, rel=0.01)
        assert np.asarray(image.convert("L")).std() > 20


def test_synthetic_photo_is_the_same_every_time() -> None:
    assert synthetic_jpeg(0.05) == synthetic_jpeg(0.05)
