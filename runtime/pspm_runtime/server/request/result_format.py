"""Choose the format of a result from what the caller accepts."""

from pspm_runtime.server.refusal import Refusal

MEDIA_TYPES = {
    ".png": "image/png",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".tif": "image/tiff",
    ".avif": "image/avif",
    ".jxl": "image/jxl",
}
# What a header chooses; the others cost much more time, or few programs read them, so they must be asked for by name.
BY_HEADER = (".png", ".webp", ".jpg")


def suffix_for(accept: str, usual: str, *, transparent: bool) -> str:
    """The suffix of the result: of the types in `accept` the one with the highest weight, `usual` among equals.

    transparent: whether the result needs transparency, which rules JPEG out. Raises Refusal (406) if none fits.
    """
    possible = [suffix for suffix in BY_HEADER if not (transparent and suffix == ".jpg")]
    possible.sort(key=lambda suffix: suffix != usual)
    weights = {suffix: _weight(accept, MEDIA_TYPES[suffix]) for suffix in possible}
    best = max(possible, key=lambda suffix: weights[suffix])
    if not weights[best]:
        types = ", ".join(MEDIA_TYPES[suffix] for suffix in possible)
        raise Refusal(406, f"the result can be {types}; accept one of them, or give the option format", "accept")
    return best


def _weight(accept: str, media_type: str) -> float:
    """The weight that an Accept header gives a media type; the most exact range counts."""
    found: dict[str, float] = {}
    for part in accept.split(","):
        range_, *parameters = (word.strip().lower() for word in part.split(";"))
        found[range_] = next((_number(word[2:]) for word in parameters if word.startswith("q=")), 1.0)
    kind = media_type.partition("/")[0]
    return next((found[range_] for range_ in (media_type, f"{kind}/*", "*/*") if range_ in found), 0.0)


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 1.0
