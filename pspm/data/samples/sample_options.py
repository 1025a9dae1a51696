"""What a recipe chooses about its samples: their kinds, colours, effects and strong augmentation. Without torch."""

from typing import Literal, NamedTuple

# Which layers change colour before compositing: "all" of them and photos too, "foreground", that is, the foreground of
# composites only (thesis sec. 4.6 and 5.5.1), or "none".
Colours = Literal["all", "foreground", "none"]

# What happens to the composed picture. "camera": black and white, blur, noise and JPEG, while alpha stays. "hard": the
# same, and light as at night and against the sun, enlarged thumbnails, and JPEG down to quality 5. "video": it is
# a frame of a video in a larger view: reduced, with grain and JPEG, and enlarged again, as its alpha is. "none": it
# remains a composite (thesis sec. 5.4.1). "blur-jpeg" and "blur-jpeg-alpha": the experiment of Table 5.1, which leaves
# alpha as it is, or changes it as the picture.
Effects = Literal["camera", "hard", "none", "video", "blur-jpeg", "blur-jpeg-alpha"]


class Mixture(NamedTuple):
    """Shares of the kinds of samples. Shares of kinds without source images go to the other kinds in proportion.

    photos: photos as they are. recomposited: the person of a photo over a background. cutouts: a cut-out over a
    background. masks: photos with hard masks. empty: backgrounds without a person. combined: two cut-outs over one
    another, over a background. scenes: small people from cut-outs and photos, over a background.
    """

    photos: float = 0.28
    recomposited: float = 0.12
    cutouts: float = 0.45
    masks: float = 0.10
    empty: float = 0.05
    combined: float = 0
    scenes: float = 0


class StrongShares(NamedTuple):
    """Shares of the samples with strong augmentation (thesis sec. 5.4.2 and 5.7.3).

    af: the foreground. afb: foreground and background, each by itself. ac: the composite of the samples without both.
    """

    af: float = 0.25
    afb: float = 0.25
    ac: float = 0.1


# AF, AFB and AC together.
STRONG = StrongShares()

# Sides of the crops around the unknown region, as multiples of the output size.
CROP_SIDES: tuple[float, ...] = (1, 1.5, 2)
