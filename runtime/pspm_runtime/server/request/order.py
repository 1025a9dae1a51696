"""What is to be done with a photo: an order, as the commands have it."""

from pathlib import Path
from typing import Any

from pspm_runtime.command.batch.order import PIPE, Order
from pspm_runtime.command.effect import Effect
from pspm_runtime.errors import PspmError
from pspm_runtime.server.refusal import Refusal, as_parameters
from pspm_runtime.server.request.parameters import ServedEffect
from pspm_runtime.server.request.result_format import suffix_for
from pspm_runtime.server.request.upload import PHOTO_FIELDS, Upload
from pspm_runtime.server.settings import Settings


def order_of(effect: ServedEffect, given: dict[str, Any], upload: Upload, accept: str, settings: Settings) -> Order:
    """The order for a photo. Raises Refusal for options that do not fit together, before any picture is decoded."""
    values = {option.option.dest: option.option.default for option in effect.parameters.values()} | given
    for name, picture in upload.files.items():
        parameter = effect.parameter(name)
        if not parameter.is_picture:
            raise Refusal(400, f"{parameter.name} is not a picture; send it as a field without a file name", "form")
        if parameter.option.dest in given:
            raise Refusal(400, f"{parameter.name} is given twice; give it once", "option")
        values[parameter.option.dest] = picture
    if not upload.photo:
        raise Refusal(400, f"the form has no photo; send it as a file named {' or '.join(PHOTO_FIELDS)}", "form")
    if effect.name == "background" and values["background"] is None:
        raise Refusal(400, "background needs with: a colour such as #20a0ff, or a picture as a file part", "option")
    chosen = values.pop("format")
    suffix = f".{chosen}" if chosen else suffix_for(accept, effect.suffix, transparent=effect.transparent)
    kept = {"metadata": values.pop("keep_metadata"), "gps": values.pop("keep_gps")}
    jpeg_quality = values.pop("jpeg_quality")
    order = Order(
        photos=[],
        effect=Effect(
            effect.name, settings.model, settings.threads, settings.max_megapixels, device=settings.device, **values
        ),
        out=PIPE,
        suffix=suffix,
        transparent=effect.transparent,
        quality=jpeg_quality,
        **kept,
    )
    try:
        order.effect.check()
        order.check_format(Path(f"the result{suffix}"))
    except PspmError as error:
        raise Refusal(400, as_parameters(str(error)), "option") from None
    return order
