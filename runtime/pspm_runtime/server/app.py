"""The application: which path does what."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from pspm_runtime.package_files import packaged
from pspm_runtime.server.openapi import REMBG_PATH, REMOVE_BG_PATH, description
from pspm_runtime.server.photos import Photos
from pspm_runtime.server.refusal import Refusal, answer
from pspm_runtime.server.request.access import check_access
from pspm_runtime.server.request.other_services import from_rembg, from_remove_bg
from pspm_runtime.server.request.parameters import effects

PAGE = {"/": "index.html", "/style.css": "style.css", "/page.js": "page.js"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
Handler = Callable[[Request], Awaitable[Response]]


def application(photos: Photos) -> Starlette:
    """The ASGI application of a service."""
    endpoints = {f"/{name}": photos.endpoint(name) for name in effects()}
    endpoints[REMBG_PATH] = photos.endpoint("rembg", from_rembg)
    endpoints[REMOVE_BG_PATH] = photos.endpoint("remove.bg", from_remove_bg)
    routes = [Route(path, endpoint, methods=["POST"]) for path, endpoint in endpoints.items()]
    routes += [Route(path, _file(name)) for path, name in PAGE.items()]
    routes += [
        Route("/healthz", _healthy),
        Route("/readyz", _ready(photos)),
        Route("/metrics", _metrics(photos)),
        Route("/openapi.json", _openapi(photos)),
    ]
    return Starlette(
        routes=routes,
        middleware=_cross_origin(photos.settings.origins),
        exception_handlers={HTTPException: _http_error, Refusal: _refused},
    )


def _cross_origin(origins: tuple[str, ...]) -> list[Middleware]:
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "X-Api-Key"],
            expose_headers=["PSPM-Person", "PSPM-Frames-Left", "Retry-After"],
        )
    ]


async def _healthy(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _ready(photos: Photos) -> Handler:
    async def ready(request: Request) -> Response:
        if photos.stopping:
            return JSONResponse({"status": "stopping"}, 503)
        return JSONResponse({"status": "ready"})

    return ready


def _metrics(photos: Photos) -> Handler:
    async def metrics(request: Request) -> Response:
        check_access(request, photos.settings)
        return Response(photos.metrics.text(), media_type=photos.metrics.content_type)

    return metrics


def _openapi(photos: Photos) -> Handler:
    document = description(photos.settings)

    async def openapi(request: Request) -> Response:
        return JSONResponse(document)

    return openapi


def _file(name: str) -> Handler:
    path = packaged(f"server/page/{name}")

    async def file(request: Request) -> Response:
        return FileResponse(path, headers={"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"})

    return file


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - registered for it
    return answer(error)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    sentences = {
        404: f"there is nothing here; POST a photo to {', '.join(f'/{name}' for name in effects())}",
        405: "this path does not take this method; POST photos, GET the rest",
    }
    sentence = sentences.get(error.status_code, str(error.detail))
    return answer(Refusal(error.status_code, sentence, "path", error.headers))
