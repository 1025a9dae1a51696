"""A connection that does not wait forever: uvicorn limits only the time between requests."""

import asyncio
import json
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 512
HEAD_SECONDS = 10.0
SEND_SECONDS = 60.0
_TICK = 1.0


class Connection(H11Protocol):
    """Ends callers that take too long to send the head of a request or to read an answer, and those beyond `MOST`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._timer: asyncio.TimerHandle | None = None
        self._waits_since = self._sends_since = self.loop.time()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, or refuse the caller."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            transport.write(
                _plain(503, "Service Unavailable", "too many connections; try again soon", "Retry-After: 1\r\n")
            )
            transport.close()
        self._timer = self.loop.call_later(_TICK, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the watch."""
        if self._timer:
            self._timer.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self._waits_since = self.loop.time()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP."""
        self.transport.write(_plain(400, "Bad Request", "this is not a request of HTTP/1.1; send one"))
        self.transport.close()

    def _look(self) -> None:
        now = self.loop.time()
        if self.transport.get_write_buffer_size() > 0:
            self._waits_since = now
        else:
            self._sends_since = now
        waits = self.cycle is None or self.cycle.response_complete or self.transport.is_closing()
        if (waits and now - self._waits_since > HEAD_SECONDS) or now - self._sends_since > SEND_SECONDS:
            self.transport.abort()
            return
        self._timer = self.loop.call_later(_TICK, self._look)


def _plain(status: int, phrase: str, sentence: str, headers: str = "") -> bytes:
    body = json.dumps({"error": sentence, "errors": [{"title": sentence}]})
    return (
        f"HTTP/1.1 {status} {phrase}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"{headers}Connection: close\r\n\r\n{body}"
    ).encode()
