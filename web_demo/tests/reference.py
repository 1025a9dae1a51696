"""Write the Python runtime's results for the browser tests: python reference.py BUNDLE OUT.

sample: the sample portrait. middle and large: JPEGs made from it, of 1.5 and 12 megapixels. small: the portrait far
away, in a photo of 12 megapixels. turned: it lies on its side. cam.y4m: a clip for a fake camera, in which the person
moves left and right in front of a uniform background.
"""

import sys
from pathlib import Path

import numpy as np
import pspm_runtime
from PIL import Image, ImageFilter
from pspm_runtime.files.encoding.encode_png import encode_png
from pspm_runtime.files.sample import sample_photo, synthetic_jpeg
from pspm_runtime.spec.pictures import gradient

CAMERA = (640, 480)
FRAMES = 24
FAR, SMALL = (4000, 3000), 420
GREEN = (30, 110, 60)


def references(bundle: Path, out: Path) -> None:
    """Write the photos, and cut-outs, blurs and colour backgrounds of them; one cut-out with the quality best too."""
    model = pspm_runtime.load(bundle)
    (out / "large.jpg").write_bytes(synthetic_jpeg(12))
    (out / "middle.jpg").write_bytes(synthetic_jpeg(1.5))
    with Image.open(sample_photo()) as sample:
        ground = Image.fromarray(gradient(*FAR)).filter(ImageFilter.GaussianBlur(3))
        ground.paste(sample.resize((SMALL, SMALL), Image.Resampling.LANCZOS), (2300, 1400))
        ground.save(out / "small.jpg", quality=92)
        sample.transpose(Image.Transpose.ROTATE_90).save(out / "turned.jpg", quality=92)
    best = pspm_runtime.load(bundle, quality="best").cut_out(out / "small.jpg")
    (out / "small-best-cutout.png").write_bytes(encode_png(best))
    for name in ("small", "turned"):
        (out / f"{name}-cutout.png").write_bytes(encode_png(model.cut_out(out / f"{name}.jpg")))
    for name, photo in (("sample", sample_photo()), ("middle", out / "middle.jpg"), ("large", out / "large.jpg")):
        cut = model.cut_out(photo)
        (out / f"{name}-cutout.png").write_bytes(encode_png(cut))
        if name != "large":
            (out / f"{name}-blur.png").write_bytes(encode_png(model.blur_background(photo, 0.5)))
            (out / f"{name}-colour.png").write_bytes(encode_png(model.replace_background(photo, "#20a0ff")))


def clip(bundle: Path, out: Path) -> None:
    """Write cam.y4m, in 4:2:0."""
    cut = pspm_runtime.load(bundle, quality="fast").cut_out(sample_photo()).resize((440, 440), Image.Resampling.LANCZOS)
    with (out / "cam.y4m").open("wb") as file:
        file.write(f"YUV4MPEG2 W{CAMERA[0]} H{CAMERA[1]} F12:1 Ip A1:1 C420\n".encode())
        for i in range(FRAMES):
            frame = Image.new("RGB", CAMERA, GREEN)
            shift = round(12 * np.sin(2 * np.pi * i / FRAMES))
            frame.paste(cut, (100 + shift, 40), cut)
            y, u, v = frame.convert("YCbCr").split()
            half = CAMERA[0] // 2, CAMERA[1] // 2
            # Video range: luma from 16 to 235, chroma from 16 to 240.
            file.write(b"FRAME\n" + y.point([round(16 + code * 219 / 255) for code in range(256)]).tobytes())
            for plane in (u, v):
                narrow = plane.point([round(128 + (code - 128) * 224 / 255) for code in range(256)])
                file.write(narrow.resize(half, Image.Resampling.BOX).tobytes())


def main(bundle: Path, out: Path) -> None:
    """Write all files, unless they are newer than the bundle and this file."""
    mark = out / "done"
    newest = max(path.stat().st_mtime for path in (bundle / "manifest.json", Path(__file__)))
    if mark.exists() and mark.stat().st_mtime > newest:
        return
    out.mkdir(parents=True, exist_ok=True)
    references(bundle, out)
    clip(bundle, out)
    mark.touch()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
