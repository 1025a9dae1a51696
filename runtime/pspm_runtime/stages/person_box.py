"""Find the part of a photo that the person fills."""

from PIL import Image

# A matte below this is too faint to be seen.
FAINT = 13


def person_box(matte: Image.Image, margin: float = 0.0) -> tuple[int, int, int, int] | None:
    """The box around a matte (L): left, top, right, bottom in pixels, None for an empty matte.

    margin: space around it, as a share of its longer side. The box ends at the edges of the photo.
    """
    box = matte.point([0] * FAINT + [255] * (256 - FAINT)).getbbox()
    if box is None:
        return None
    left, top, right, bottom = box
    space = round(margin * max(right - left, bottom - top))
    return max(0, left - space), max(0, top - space), min(matte.width, right + space), min(matte.height, bottom + space)
