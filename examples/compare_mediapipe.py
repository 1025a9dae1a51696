# /// script
# requires-python = ">=3.10,<3.13"
# dependencies = ["mediapipe==0.10.21"]
# ///
"""Matte pictures with MediaPipe's selfie model, for `pspm evaluate --predictions`.

pspm evaluate --data DATA --save-pictures pictures/
uv run examples/compare_mediapipe.py pictures/ mediapipe/ [--landscape]
pspm evaluate --data pictures/ --model mobile --predictions mediapipe=mediapipe/

uv makes an environment of its own for the script. The general model, of 256 x 256 pixels, is the default; --landscape
takes the one of 256 x 144. Masks are written as they come, as PNG with 16 bits.
"""

import sys
from pathlib import Path

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
GENERAL, LANDSCAPE = 0, 1


def main(pictures: Path, out: Path, model: int) -> int:
    """Write a mask for each picture of `pictures`/SET/image, or of `pictures`/image. Returns how many were written."""
    import cv2
    import mediapipe
    import numpy as np

    sets = [pictures] if (pictures / "image").is_dir() else sorted(pictures.glob("*"))
    paths = [(folder, path) for folder in sets for path in sorted((folder / "image").glob("*"))]
    written = 0
    with mediapipe.solutions.selfie_segmentation.SelfieSegmentation(model_selection=model) as segmentation:
        for folder, path in paths:
            if path.suffix.lower() not in SUFFIXES:
                continue
            picture = cv2.imread(str(path))
            if picture is None:
                sys.exit(f"compare_mediapipe.py: {path} cannot be read as an image")
            mask = segmentation.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).segmentation_mask
            file = out / folder.relative_to(pictures) / f"{path.stem}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(file), np.rint(mask.clip(0, 1) * 65535).astype(np.uint16))
            written += 1
    return written


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--landscape"]
    if len(arguments) != 2:
        sys.exit(__doc__)
    count = main(Path(arguments[0]), Path(arguments[1]), LANDSCAPE if "--landscape" in sys.argv else GENERAL)
    if not count:
        sys.exit(f"compare_mediapipe.py: {arguments[0]} has no image/ with pictures, nor has any folder in it")
    print(f"{count} masks written")
