"""Run the session in rembg: python rembg_check.py PHOTO"""

import io
import sys
from pathlib import Path

import numpy as np
import rembg
from PIL import Image
from rembg.sessions.base import BaseSession

import pspm.rembg


def main(photo: Path) -> None:
    """Compare what rembg makes with what we make."""
    session = pspm.rembg.session()
    assert isinstance(session, BaseSession)
    matte = np.round(pspm.predict_alpha(photo) * 255).astype(np.uint8)
    with Image.open(photo) as image:
        mask = rembg.remove(image, session=session, only_mask=True)
        clean = rembg.remove(image, session=session, decontaminate=True)
        green = rembg.remove(image, session=session, bgcolor=(0, 255, 0, 255))
    cut = Image.open(io.BytesIO(rembg.remove(photo.read_bytes(), session=session)))
    assert np.array_equal(mask, matte)
    assert np.array_equal(np.asarray(cut)[..., 3] > 127, matte > 127)
    assert np.abs(np.asarray(clean)[..., 3].astype(int) - matte).max() <= 1
    assert (np.asarray(green.convert("RGB"))[matte == 0] == (0, 255, 0)).all()
    print(f"rembg: a mask that equals ours, cut-outs of {cut.width}x{cut.height}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
