"""Draw the icons of the installed page, or that of the iPhone app: python icons.py OUT [--iphone]."""

import sys
from pathlib import Path

from PIL import Image, ImageDraw

SIDE = 512
FINE = 4
NIGHT, DAWN, PERSON = (19, 20, 46), (255, 122, 89), (250, 247, 242)

SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">
<defs><linearGradient id="g" x1="0" y1="0" x2="0" y2="1"><stop stop-color="rgb{night}"/>
<stop offset="1" stop-color="rgb{dawn}"/></linearGradient>
<clipPath id="c"><rect width="512" height="512" rx="112"/></clipPath></defs>
<g clip-path="url(#c)"><rect width="512" height="512" fill="url(#g)"/>
<g fill="rgb{person}"><circle cx="256" cy="210" r="86"/><ellipse cx="256" cy="470" rx="164" ry="146"/></g></g></svg>
"""


def draw(side: int) -> Image.Image:
    """Draw head and shoulders in front of a sky, RGB, with antialiasing. Phones crop the square to their own shape."""
    fine = SIDE * FINE
    sky = Image.new("RGB", (1, 2))
    sky.putpixel((0, 0), NIGHT)
    sky.putpixel((0, 1), DAWN)
    image = sky.resize((fine, fine), Image.Resampling.BILINEAR, box=(0, 0.5, 1, 1.5))
    pen = ImageDraw.Draw(image)
    for left, top, right, bottom in ((170, 124, 342, 296), (92, 324, 420, 616)):
        pen.ellipse([x * FINE for x in (left, top, right, bottom)], fill=PERSON)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def main(out: Path, *, iphone: bool) -> None:
    """Write icon-192.png, icon-512.png and icon.svg, or icon-1024.png."""
    out.mkdir(parents=True, exist_ok=True)
    if iphone:
        draw(1024).save(out / "icon-1024.png")
        return
    for side in (192, 512):
        draw(side).save(out / f"icon-{side}.png")
    (out / "icon.svg").write_text(SVG.format(night=NIGHT, dawn=DAWN, person=PERSON))


if __name__ == "__main__":
    main(Path(sys.argv[1]), iphone="--iphone" in sys.argv)
