"""The cases of sizes, boxes and views: everything before the network."""

import io
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from PIL import ExifTags, Image

from pspm_runtime.bundle import Bundle
from pspm_runtime.files.photo import Photo, open_photo
from pspm_runtime.spec.case import Case
from pspm_runtime.spec.pictures import disc, gradient, noise, portrait, to_codes
from pspm_runtime.stages.compose import cover_box
from pspm_runtime.stages.network_view import InputSize, network_view

# The area of the views is the square of this.
SIDE = 192
PORTRAIT = 288, 384


def geometry_cases(bundle: Bundle) -> Iterator[Case]:
    """Yield the cases; of the bundle only the manifest counts."""
    rng = np.random.default_rng(1)
    frames = np.concatenate(
        [rng.integers(1, 6000, (40, 2)), [[1920, 1080], [480, 640], [16, 16], [9000, 10], [48, 80]]]
    )
    rules = {
        "shipped": bundle.size,
        "small": small_rule(bundle),
        "square": InputSize(256, 256, 256),
        "listed": InputSize(512, 512, 512, ((512, 512), (512, 384), (384, 512))),
    }
    for name, rule in rules.items():
        fitted = np.array([rule.fit(int(w), int(h)) for w, h in frames])
        yield Case("fit", name, vars(rule), {"frames": frames}, {"sizes": fitted})
    boxes = [cover_box((int(w), int(h)), PORTRAIT) for w, h in frames]
    yield Case("cover-box", "portrait", {"frame": list(PORTRAIT)}, {"pictures": frames}, {"boxes": np.array(boxes)})
    picture = Image.fromarray(gradient(20, 14))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        file = io.BytesIO()
        picture.save(file, "PNG", exif=exif)
        upright = np.asarray(open_photo(file.getvalue()).image)
        yield Case(
            "orient", str(orientation), {"exif": orientation}, {"image": np.asarray(picture)}, {"image": upright}
        )
    yield from _views(bundle)


def small_rule(bundle: Bundle) -> InputSize:
    """The bundle's size rule for the small views of the test vectors."""
    return replace(bundle.size, side=SIDE)


def _views(bundle: Bundle) -> Iterator[Case]:
    rule = small_rule(bundle)
    pictures = {
        "portrait": portrait(*PORTRAIT),
        "noise": Image.fromarray(noise(300, 200)),
        "larger": Image.fromarray(gradient(60, 90)),
        "far-smaller": Image.fromarray(noise(997, 801)),
    }
    for name, picture in pictures.items():
        view = network_view(picture, None, rule.fit(*picture.size))
        yield Case("network-view", name, vars(rule), {"image": np.asarray(picture)}, {"view": np.asarray(view)})
    transparent = Photo(pictures["noise"], Image.fromarray(to_codes(disc(300, 200, 0.2))))
    view = network_view(transparent.image, transparent.transparency, rule.fit(300, 200))
    inputs = {"image": np.asarray(transparent.image), "transparency": np.asarray(transparent.transparency)}
    yield Case("network-view", "transparent", vars(rule), inputs, {"view": np.asarray(view)})
    mean, std = (np.asarray(x, np.float32) for x in (bundle.mean, bundle.std))
    view = network_view(pictures["portrait"], None, rule.fit(*PORTRAIT))
    normalised = (np.asarray(view, np.float32) / 255 - mean) / std
    numbers = {"mean": mean.tolist(), "std": std.tolist()}
    yield Case("normalise", "portrait", numbers, {"view": np.asarray(view)}, {"image": normalised.transpose(2, 0, 1)})
