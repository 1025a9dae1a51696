"""The requests of programs that were written for rembg's server and for remove.bg, in our own names."""

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import NamedTuple

from pspm_runtime.arguments import shown
from pspm_runtime.server.refusal import Refusal
from pspm_runtime.server.request.upload import Upload

# These tune the network, the post-processing or the price of the other service.
_IGNORED_OF_REMBG = ("model", "a", "af", "ab", "ae", "ppm", "extras")
_IGNORED_OF_REMOVE_BG = ("size", "type", "type_level", "semitransparency")
_NOTHING_FETCHED = "nothing is fetched from other servers; send the picture itself as {}"


class Wanted(NamedTuple):
    """An effect and the options that are left for it, as text."""

    effect: str
    options: list[tuple[str, str]]


Translate = Callable[[Upload, Iterable[tuple[str, str]]], Wanted]


def from_rembg(upload: Upload, query: Iterable[tuple[str, str]]) -> Wanted:
    """What POST /api/remove asks for: `om` is the matte, `bgc` a colour "r,g,b,a"; all else of rembg is ignored.

    Options of ours are taken too. Raises Refusal for a URL and for a colour that is not opaque.
    """
    options = [*query, *upload.fields]
    rest = [(name, text) for name, text in options if name not in (*_IGNORED_OF_REMBG, "om", "bgc", "url")]
    given = {name: text for name, text in options if text}
    if "url" in given:
        raise Refusal(400, _NOTHING_FETCHED.format("file"), "url")
    if given.get("om", "").lower() in ("true", "1"):
        return Wanted("alpha", rest)
    if "bgc" not in given or given["bgc"].rstrip().endswith(",0"):
        return Wanted("cutout", rest)
    numbers = given["bgc"].split(",")
    if len(numbers) != 4 or not all(n.strip().isdecimal() and int(n) <= 255 for n in numbers) or int(numbers[3]) != 255:
        raise Refusal(
            400, f"bgc must be four numbers such as 255,255,255,255, opaque, not {shown(given['bgc'])}", "option"
        )
    colour = "#" + "".join(f"{int(number):02x}" for number in numbers[:3])
    return Wanted("background", [("with", colour), *_unless_given("format", "png", rest)])


def from_remove_bg(upload: Upload, query: Iterable[tuple[str, str]]) -> Wanted:
    """What POST /v1.0/removebg asks for. Raises Refusal for URLs and for what only remove.bg can do."""
    options = {name: text for name, text in [*query, *upload.fields] if text}
    for name, instead in (("image_url", "image_file"), ("bg_image_url", "bg_image_file")):
        if options.pop(name, None):
            raise Refusal(400, _NOTHING_FETCHED.format(instead), "url")
    for name in _IGNORED_OF_REMOVE_BG:
        options.pop(name, None)
    if encoded := options.pop("image_file_b64", None):
        upload.photo = _decoded(encoded)
    rest: list[tuple[str, str]] = []
    chosen = options.pop("format", "auto").lower()
    if chosen not in ("auto", "png", "jpg", "webp"):
        raise Refusal(400, f"format must be auto, png, jpg or webp, not {shown(chosen)}", "option")
    if options.pop("crop", "false").lower() == "true":
        rest.append(("crop", _margin(options.get("crop_margin", "0"))))
    options.pop("crop_margin", None)
    channels, colour = options.pop("channels", "rgba"), options.pop("bg_color", None)
    if options:
        raise Refusal(400, f"{shown(next(iter(options)))} is not supported here; leave it out", "option")
    if "bg_image_file" in upload.files:
        upload.files["with"] = upload.files.pop("bg_image_file")
    if channels not in ("rgba", "alpha"):
        raise Refusal(400, f"channels must be rgba or alpha, not {shown(channels)}", "option")
    effect = "alpha" if channels == "alpha" else "background" if colour or "with" in upload.files else "cutout"
    if effect == "background" and "with" not in upload.files:
        rest.append(("with", _colour(colour or "")))
    return Wanted(effect, [*rest, ("format", "png" if chosen == "auto" else chosen)])


def _unless_given(name: str, text: str, options: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return options if any(given == name for given, _ in options) else [*options, (name, text)]


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(400, "image_file_b64 is not base64; send the photo as image_file", "form") from None


def _margin(text: str) -> str:
    """A margin as a share of the person's size."""
    share = text.removesuffix("%")
    if share == text and text not in ("0", "0px"):
        raise Refusal(400, f"crop_margin must be a percentage such as 10%, not {shown(text)}", "option")
    try:
        return str(float(share.removesuffix("px")) / 100)
    except ValueError:
        raise Refusal(400, f"crop_margin must be a percentage such as 10%, not {shown(text)}", "option") from None


def _colour(text: str) -> str:
    """remove.bg writes colours without #."""
    digits = text.removeprefix("#")
    is_hex = len(digits) in (3, 6) and all(digit in "0123456789abcdefABCDEF" for digit in digits)
    return f"#{digits}" if is_hex else text
