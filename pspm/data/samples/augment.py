"""Turn a loaded batch into what the network sees, on the batch's device: colours, compositing and camera effects."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from kornia.color import rgb_to_grayscale
from kornia.enhance import adjust_gamma, jpeg_codec_differentiable
from kornia.filters import gaussian_blur2d
from torch import Tensor
from torch.nn.functional import interpolate

from pspm.data.samples.batch import Batch
from pspm.data.samples.sample_options import Colours, Effects
from pspm.data.samples.sample_rng import SampleRng

BLUR_SIGMA = (0.3, 1.3)
JPEG_QUALITY = (40, 92)
# Of "hard" effects: the side of a thumbnail / the picture's; the gamma of a photo taken at night.
BAD_JPEG_QUALITY = (5, 40)
THUMBNAIL = (0.1, 0.5)
NIGHT_GAMMA = (1.5, 4)
# Of "video" effects: the side of a frame / that of the view; the deviation of its grain, which all channels share; its
# compression.
FRAME_SIDE = (0.5, 1)
GRAIN = (0.002, 0.02)
FRAME_QUALITY = (60, 95)


class Picture(NamedTuple):
    """A batch as the network sees it. image: (N, 3, H, W) in [0, 1]; alpha and trusted: (N, 1, H, W) in [0, 1].

    foreground, background: that made the image, (N, 3, H, W) in [0, 1]; None if they were not asked for. Of photos, and
    of composites whose equation a strong change broke, they are unknown: both are then the image.
    """

    image: Tensor
    alpha: Tensor
    trusted: Tensor
    foreground: Tensor | None = None
    background: Tensor | None = None


class Layers(NamedTuple):
    """A batch before compositing. foreground, background: (N, 3, H, W) in [0, 1]; alpha: (N, 1, H, W) in [0, 1].

    composite: (N,) bool, False where the foreground is a whole photo.
    """

    foreground: Tensor
    background: Tensor
    alpha: Tensor
    composite: Tensor


def composite(alpha: Tensor, foreground: Tensor, background: Tensor) -> Tensor:
    """I = alpha F + (1 - alpha) B (eq. 5.1)."""
    return background + alpha * (foreground - background)


def select(chosen: Tensor, changed: Tensor, image: Tensor) -> Tensor:
    """Take the changed image of each sample where chosen, (N,) bool, is True; else the image."""
    return torch.where(chosen[:, None, None, None], changed, image)


def change_chosen(chosen: Tensor, image: Tensor, change: Callable[..., Tensor], *parameters: Tensor) -> Tensor:
    """Like `select`, but compute an expensive change for the chosen images only.

    parameters: (N, ...), arguments of `change` for each image.
    """
    indices = chosen.nonzero()[:, 0]
    if not len(indices):
        return image
    image = image.clone()
    image[indices] = change(image[indices], *(parameter[indices] for parameter in parameters))
    return image


def blur(image: Tensor, sigma: Tensor) -> Tensor:
    """Blur like a soft focus. sigma: (N,) in pixels, at most 2."""
    return gaussian_blur2d(image, (9, 9), sigma[:, None].expand(-1, 2))


def jpeg(image: Tensor, quality: Tensor) -> Tensor:
    """Compress as JPEG and decode. quality: (N,) in 1..100; the sides of the images are multiples of 16."""
    return jpeg_codec_differentiable(image, quality).clamp(0, 1)


def random_layers(batch: Batch, rng: SampleRng, colours: Colours = "all") -> Layers:
    """Change the colours of foreground and background; sometimes move the background towards the person's colour.

    colours: which layers change; only "all" moves the background.
    """
    plain, behind, alpha = batch.foreground / 255, batch.background / 255, batch.alpha / 255
    if colours == "none":
        return Layers(plain, behind, alpha, batch.composite)
    foreground = random_colour(plain, rng)
    if colours == "foreground":
        return Layers(select(batch.composite, foreground, plain), behind, alpha, batch.composite)
    background = random_colour(behind, rng)
    weight = alpha / alpha.sum((2, 3), keepdim=True).clamp(min=1)
    shift = (foreground * weight).sum((2, 3), keepdim=True) - background.mean((2, 3), keepdim=True)
    closer = (background + shift * rng.uniform(0, 0.8)[:, None, None, None]).clamp(0, 1)
    return Layers(foreground, select(rng.chance(0.4), closer, background), alpha, batch.composite)


def compose(layers: Layers) -> Tensor:
    """Composite the layers; whole photos stay as they are. Returns (N, 3, H, W)."""
    whole = composite(layers.alpha, layers.foreground, layers.background)
    return select(layers.composite, whole, layers.foreground)


def render(
    batch: Batch, colours: Colours = "all", effects: Effects = "camera", *, keep_layers: bool = False
) -> Picture:
    """Augment a batch without the strong changes, for which see `strong_augment`.

    keep_layers: whether the picture holds its foreground and background, as they were composed.
    """
    rng = SampleRng(batch.numbers, batch.seed)
    layers = random_layers(batch, rng, colours)
    picture = Picture(compose(layers), layers.alpha, batch.trusted.float())
    if keep_layers:
        picture = with_layers(picture, layers, layers.composite)
    return apply_effects(picture, effects, rng)


def with_layers(picture: Picture, layers: Layers, known: Tensor) -> Picture:
    """Add the layers to a picture; the image itself where they are not known, (N,) bool."""
    foreground, background = (select(known, layer, picture.image) for layer in (layers.foreground, layers.background))
    return picture._replace(foreground=foreground, background=background)


def apply_effects(picture: Picture, effects: Effects, rng: SampleRng) -> Picture:
    """Change the composed image, and with "blur-jpeg-alpha" its alpha too."""
    if effects == "none":
        return picture
    if effects == "camera":
        return picture._replace(image=random_camera(picture.image, rng))
    if effects == "video":
        return filmed(picture, rng)
    if effects == "hard":
        return picture._replace(image=hard_camera(random_camera(random_light(picture, rng), rng), rng))
    blurred, sigma = rng.chance(0.25), rng.uniform(*BLUR_SIGMA)
    compressed, quality = rng.chance(0.25), rng.uniform(*JPEG_QUALITY)

    def degrade(x: Tensor) -> Tensor:
        return change_chosen(compressed, change_chosen(blurred, x, blur, sigma), jpeg, quality)

    image = degrade(picture.image)
    if effects == "blur-jpeg":
        return picture._replace(image=image)
    return picture._replace(image=image, alpha=degrade(picture.alpha.expand_as(image)).mean(1, keepdim=True))


def random_colour(image: Tensor, rng: SampleRng) -> Tensor:
    """Change exposure, white balance, gamma and saturation."""
    image = image * rng.uniform(0.7, 1.3)[:, None, None, None]
    balance = torch.stack([rng.uniform(0.85, 1.15) for _ in range(3)], 1)[:, :, None, None]
    image = select(rng.chance(0.8), image * balance, image).clamp(0, 1)
    gamma = torch.where(rng.chance(0.6), rng.uniform(-0.4, 0.4).exp(), 1)
    image = adjust_gamma(image, gamma)
    saturation = torch.where(rng.chance(0.5), rng.uniform(0.4, 1.4), 1)[:, None, None, None]
    grey = image.mean(1, keepdim=True)
    return (grey + (image - grey) * saturation).clamp(0, 1)


def random_camera(image: Tensor, rng: SampleRng) -> Tensor:
    """Add camera effects: black and white, soft focus, noise as in low light, and JPEG compression."""
    image = select(rng.chance(0.1), rgb_to_grayscale(image).expand_as(image), image)
    image = change_chosen(rng.chance(0.15), image, blur, rng.uniform(*BLUR_SIGMA))
    noise = (rng.uniform(0.005, 0.035) * rng.chance(0.3))[:, None, None, None]
    image = (image + noise * rng.noise(image)).clamp(0, 1)
    return change_chosen(rng.chance(0.2), image, jpeg, rng.uniform(*JPEG_QUALITY))


def random_light(picture: Picture, rng: SampleRng) -> Tensor:
    """Darken some pictures as at night, and the person of some as against the sun. Returns (N, 3, H, W)."""
    image = picture.image
    gamma = torch.where(rng.chance(0.1), rng.uniform(*NIGHT_GAMMA), 1)
    image = adjust_gamma(image, gamma)
    shade = torch.where(rng.chance(0.1), rng.uniform(0.15, 0.6), 1)[:, None, None, None]
    return image * (1 + picture.alpha * (shade - 1))


def hard_camera(image: Tensor, rng: SampleRng) -> Tensor:
    """Reduce some pictures to thumbnails and enlarge them again, and compress some badly."""
    image = change_chosen(rng.chance(0.08), image, thumbnail, rng.uniform(*THUMBNAIL))
    return change_chosen(rng.chance(0.12), image, jpeg, rng.uniform(*BAD_JPEG_QUALITY))


def filmed(picture: Picture, rng: SampleRng) -> Picture:
    """Show each picture as a frame of a smaller video, enlarged for the network, with the matte that such a frame has.

    A third of the frames have the size of the view.
    """
    image = select(rng.chance(0.1), rgb_to_grayscale(picture.image).expand_as(picture.image), picture.image)
    image = change_chosen(rng.chance(0.15), image, blur, rng.uniform(*BLUR_SIGMA))
    share = torch.where(rng.chance(2 / 3), rng.uniform(*FRAME_SIDE), 1)
    compressed, quality = rng.chance(0.8), rng.uniform(*FRAME_QUALITY)
    grain = rng.uniform(*GRAIN)[:, None, None, None] * rng.noise(picture.alpha)
    size = image.shape[-2:]
    frames = []
    for each in range(len(image)):
        sides = [max(16, round(side * float(share[each]) / 16) * 16) for side in size]
        frame = torch.cat([image[each : each + 1], picture.alpha[each : each + 1]], 1)
        frame = interpolate(frame, sides, mode="bilinear", antialias=True, align_corners=False)
        colours = (frame[:, :3] + grain[each : each + 1, :, : sides[0], : sides[1]]).clamp(0, 1)
        if compressed[each]:
            colours = jpeg(colours, quality[each : each + 1])
        frame = torch.cat([colours, frame[:, 3:]], 1)
        frames.append(interpolate(frame, size, mode="bilinear", align_corners=False))
    return picture._replace(image=torch.cat(frames)[:, :3], alpha=torch.cat(frames)[:, 3:])


def thumbnail(image: Tensor, scale: Tensor) -> Tensor:
    """Reduce each image to `scale`, (N,), of its size, and enlarge it again."""
    size = image.shape[-2:]
    results = []
    for each, factor in zip(image.split(1), scale.tolist(), strict=True):
        small = [max(1, round(side * factor)) for side in size]
        reduced = interpolate(each, small, mode="bilinear", antialias=True, align_corners=False)
        results.append(interpolate(reduced, size, mode="bilinear", align_corners=False))
    return torch.cat(results)
