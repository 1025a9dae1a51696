"""Matte one photo, and put the person on another background.

python examples/photo.py photo.jpg beach.jpg out/
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

import pspm


def main(photo_path: str, background_path: str, out: Path) -> None:
    """Write alpha.png, cutout.png, background.jpg and blur.jpg to `out`."""
    out.mkdir(parents=True, exist_ok=True)
    model = pspm.load()
    photo = model.open(photo_path)  # read once, used four times

    alpha = model.predict_alpha(photo)  # float32 (height, width), 0 to 1
    Image.fromarray(np.uint8(alpha * 255 + 0.5)).save(out / "alpha.png")
    model.cut_out(photo).save(out / "cutout.png")
    model.replace_background(photo, background_path).save(out / "background.jpg")
    model.blur_background(photo, strength=0.6).save(out / "blur.jpg")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
    except pspm.PspmError as error:
        sys.exit(f"photo.py: {error}")
