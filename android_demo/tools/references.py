"""references.py BUNDLES OUT: compute reference mattes with the Python runtime and the app's own models.

Writes two photos to OUT and their mattes as PNG to OUT/BUNDLE, one folder for each bundle in BUNDLES. The app's tests
compare with them. One photo is a JPEG, which other libraries may decode slightly differently. The other is a PNG with a
different shape and size.
"""

import sys
from pathlib import Path

import pspm_runtime
from PIL import Image
from pspm_runtime.files.sample import sample_photo


def main(bundles: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    sample = sample_photo()
    jpeg = out / "photo-jpeg.jpg"
    jpeg.write_bytes(sample.read_bytes())
    png = out / "photo-png.png"
    with Image.open(sample) as image:
        side = image.width
        image.convert("RGB").resize((900, 1200), box=(side / 8, 0, side * 7 / 8, side)).save(png)
    for folder in sorted(bundles.iterdir()):
        model = pspm_runtime.load(folder, threads=1, quality="fast")
        (out / folder.name).mkdir(exist_ok=True)
        for photo in (jpeg, png):
            model.matte(model.open(photo)).save(out / folder.name / f"{photo.stem}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
