"""The requests with photos: read one, let it be worked on, answer it."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from pspm_runtime.command.batch.order import Order
from pspm_runtime.command.batch.work import Result
from pspm_runtime.command.standard_streams import print_error
from pspm_runtime.errors import PspmError, TooLargeError
from pspm_runtime.server.held_bytes import HeldBytes, Share
from pspm_runtime.server.metrics import Metrics
from pspm_runtime.server.models import Models
from pspm_runtime.server.refusal import Refusal, answer, as_parameters
from pspm_runtime.server.request.access import check_access
from pspm_runtime.server.request.order import order_of
from pspm_runtime.server.request.other_services import Translate, Wanted
from pspm_runtime.server.request.parameters import effects
from pspm_runtime.server.request.result_format import MEDIA_TYPES
from pspm_runtime.server.request.upload import Upload, check_length, check_type, read_upload
from pspm_runtime.server.settings import Settings
from pspm_runtime.server.workers import Workers

# After a refusal, a caller who is still sending is listened to this long, because many read the answer only at the end.
_LINGER_SECONDS = 5
_LINGER_BYTES = 1 << 28


class Photos:
    """What the service does with photos. stopping: whether photos are refused."""

    def __init__(self, settings: Settings, models: Models) -> None:
        self.settings = settings
        self.models = models
        self.stopping = False
        self.workers: Workers[Result] = Workers(settings.workers, settings.queue)
        # As many as in work or waiting, and as many again that are being sent.
        self.held = HeldBytes(2 * self.workers.places * settings.max_bytes)
        self.metrics = Metrics(lambda: self.workers.taken, lambda: self.held.held)

    def endpoint(self, name: str, translate: Translate | None = None) -> "Endpoint":
        """The application for a path: an effect, or another service's requests, which `translate` reads."""
        return Endpoint(self, name, translate)

    def check_free(self) -> None:
        """Raise Refusal if no photo is taken now."""
        if self.stopping:
            raise Refusal(503, "the service is stopping; try again soon", "stopping", {"Retry-After": "1"})
        if self.workers.full:
            wait = str(self.workers.wait)
            raise Refusal(503, f"all places are taken; try again in {wait} s", "busy", {"Retry-After": wait})

    async def result(self, order: Order, photo: bytes, receive: Receive) -> Result:
        """Let a photo be worked on.

        Raises Refusal (503, 504), ClientDisconnect if the caller goes away meanwhile, and what the work raises.
        """
        self.check_free()
        effect = order.effect
        model = self.models.model(effect.quality, with_trimap=effect.trimap is not None)
        job = self.workers.submit(lambda: order.work(order.suffix).open(model)(photo))
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait((job.future, gone), timeout=self.settings.seconds, return_when=asyncio.FIRST_COMPLETED)
            if job.future.done():
                return job.future.result()
            if gone.done():
                raise ClientDisconnect
            raise Refusal(504, f"the photo took longer than {self.settings.seconds:g} s; send a smaller one", "time")
        finally:
            self.workers.drop(job)
            gone.cancel()


class Endpoint:
    """Answers POST requests to one path."""

    def __init__(self, photos: Photos, name: str, translate: Translate | None) -> None:
        self.photos = photos
        self.name = name
        self.translate = translate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; bytes are given back when the answer is sent."""
        body = _Body(receive)
        request = Request(scope, body.receive)
        with self.photos.held.share() as share:
            try:
                response = await self._response(request, share)
            except ClientDisconnect:
                self.photos.metrics.dropped()
                return
            except Refusal as refusal:
                self.photos.metrics.refused(self.name, refusal.status, refusal.reason)
                share.give_back()
                await _refuse(refusal, request, body, send)
                return
            await response(scope, receive, send)

    async def _response(self, request: Request, share: Share) -> Response:
        settings = self.photos.settings
        check_access(request, settings)
        check_type(request)
        check_length(request, settings.max_bytes)
        self.photos.check_free()
        async with _limited(settings.seconds):
            upload = await read_upload(request, settings.max_bytes, share, form=self.translate is not None)
        wanted = self._wanted(upload, request.query_params.multi_items())
        effect = effects()[wanted.effect]
        order = order_of(effect, effect.parse(wanted.options), upload, request.headers.get("accept") or "*/*", settings)
        started = time.monotonic()
        try:
            result = await self.photos.result(order, upload.photo, request.receive)
        except (Refusal, ClientDisconnect):
            raise
        except Exception as error:
            raise self._refusal(error) from None
        self.photos.metrics.answered(self.name, time.monotonic() - started)
        return Response(result.data, media_type=MEDIA_TYPES[order.suffix], headers=_facts(result))

    def _wanted(self, upload: Upload, query: Iterable[tuple[str, str]]) -> Wanted:
        if self.translate:
            return self.translate(upload, query)
        return Wanted(self.name, [*query, *upload.fields])

    def _refusal(self, error: Exception) -> Refusal:
        """What a photo's error is for its caller."""
        if isinstance(error, TooLargeError):
            most = self.photos.settings.max_megapixels
            return Refusal(413, f"the photo has more than {most:g} megapixels; send a smaller one", "pixels")
        if isinstance(error, PspmError):
            return Refusal(422, as_parameters(str(error)), "photo")
        if isinstance(error, MemoryError):
            return Refusal(413, "there is not enough memory for this photo; send a smaller one", "memory")
        print_error(f"pspm serve: a photo failed ({type(error).__name__}: {error})")
        return Refusal(
            500, "the photo cannot be processed, for a fault of the service; send another copy of it", "fault"
        )


class _Body:
    """Remembers whether a request's body was read to its end."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.started = False
        self.ended = False

    async def receive(self) -> Message:
        self.started = True
        message = await self._receive()
        self.ended = self.ended or not message.get("more_body", False)
        return message


@asynccontextmanager
async def _limited(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise Refusal(408, f"the photo did not arrive within {seconds:g} s; send a smaller one", "slow") from None


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(refusal: Refusal, request: Request, body: _Body, send: Send) -> None:
    """Answer at once, then let the caller finish sending, within limits, so that the answer is not lost."""
    ended = body.ended or request.headers.get("content-length") == "0"
    if not ended:
        refusal.headers["Connection"] = "close"
    response = answer(refusal)
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    waits_for_us = "expect" in request.headers and not body.started  # it sends nothing unless it is told to
    if not ended and not waits_for_us and refusal.reason != "slow":
        await _read_on(body)
    await send({"type": "http.response.body", "body": b""})


async def _read_on(body: _Body) -> None:
    count = 0
    try:
        async with asyncio.timeout(_LINGER_SECONDS):
            while not body.ended and count < _LINGER_BYTES:
                count += len((await body.receive()).get("body", b""))
    except TimeoutError:
        pass


def _facts(result: Result) -> dict[str, str]:
    """What a result's headers say beside the picture."""
    left = {"PSPM-Frames-Left": str(result.frames_left)} if result.frames_left else {}
    return {"PSPM-Person": "true" if result.has_person else "false", "Cache-Control": "no-store", **left}
