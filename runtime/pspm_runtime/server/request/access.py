"""Who may call: the token, and web pages of other origins."""

import hmac

from starlette.requests import Request

from pspm_runtime.server.refusal import Refusal
from pspm_runtime.server.settings import Settings


def check_access(request: Request, settings: Settings) -> None:
    """Raise Refusal for a caller without the token (401), and for a web page of an origin that is not allowed (403).

    A browser lets any page send a photo, and only hides the answer from it.
    """
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if origin and origin != own and origin not in settings.origins and "*" not in settings.origins:
        raise Refusal(403, "web pages of this origin may not call; start the service with --allow-origin", "origin")
    if settings.token is not None and not hmac.compare_digest(_given(request), settings.token.encode()):
        raise Refusal(
            401,
            "the token is missing or wrong; send it as 'Authorization: Bearer ...' or 'X-Api-Key: ...'",
            "token",
            {"WWW-Authenticate": "Bearer"},
        )


def _given(request: Request) -> bytes:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = request.headers.get("x-api-key", "")
    return token.strip().encode("utf-8", "surrogateescape")
