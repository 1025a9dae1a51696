"""Matte a photo with a trimap that you drew: 0 background, 128 unknown, 255 foreground.

python examples/trimap.py photo.jpg trimap.png alpha.png
"""

import sys

import numpy as np
from PIL import Image

import pspm


def main(photo: str, trimap: str, out: str) -> None:
    """Write the matte of a photo. Where the trimap is certain, the matte equals it."""
    alpha = pspm.predict_alpha(photo, trimap=trimap)
    Image.fromarray(np.uint8(alpha * 255 + 0.5)).save(out)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except pspm.PspmError as error:
        sys.exit(f"trimap.py: {error}")
