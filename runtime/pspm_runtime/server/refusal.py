"""A request that is refused, and how the answer says why."""

import re
from collections.abc import Mapping

from starlette.responses import JSONResponse

from pspm_runtime.errors import one_line

# Our errors name options as the command line does.
_OPTION = re.compile(r"--([a-z][a-z-]*)")


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of the service
    """A status of HTTP and one sentence that says what to do.

    reason: one word for the metrics.
    """

    def __init__(self, status: int, sentence: str, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.reason = reason
        self.headers = dict(headers or {})


def answer(refusal: Refusal) -> JSONResponse:
    """The JSON of a refusal: {"error": sentence}, and the same as remove.bg writes it, {"errors": [{"title": ...}]}."""
    sentence = one_line(refusal.sentence)
    return JSONResponse({"error": sentence, "errors": [{"title": sentence}]}, refusal.status, refusal.headers)


def as_parameters(sentence: str) -> str:
    """The sentence of a PspmError with the names of parameters in place of the command's options."""
    named = sentence.replace("the bytes given as ", "the ")
    return _OPTION.sub(lambda found: found[1].replace("-", "_"), named)
