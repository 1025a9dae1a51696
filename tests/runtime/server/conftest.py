import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import pytest
import uvicorn
from PIL import Image
from pspm_runtime.server import models
from pspm_runtime.server.app import application
from pspm_runtime.server.models import Models
from pspm_runtime.server.photos import Photos
from pspm_runtime.server.run import configuration
from pspm_runtime.server.settings import Settings
from starlette.testclient import TestClient

from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import encoded, gradient

TOKEN = "secret"  # noqa: S105 - of the tests
Service = Callable[..., TestClient]


class Listening(NamedTuple):
    """A service that listens, in a thread of this process."""

    port: int
    photos: Photos

    def connect(self) -> socket.socket:
        """A connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)


@pytest.fixture
def photos_of(fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Photos]]:
    """Makes the photos of a service with a fake engine, from settings."""
    monkeypatch.setattr(models, "sample_photo", lambda: gradient(40, 30))
    made: list[Photos] = []

    def photos(**settings: Any) -> Photos:
        chosen = Settings(**settings)
        made.append(Photos(chosen, Models(chosen)))
        return made[-1]

    yield photos
    for one in made:
        one.workers.stop()


@pytest.fixture
def service(photos_of: Callable[..., Photos]) -> Iterator[Service]:
    """Makes a client of a service with a fake engine, from settings."""
    with ExitStack() as stack:

        def client(**settings: Any) -> TestClient:
            photos = photos_of(**settings)
            made = TestClient(application(photos), base_url="http://127.0.0.1:7000", raise_server_exceptions=False)
            made.photos = photos  # type: ignore[attr-defined]
            return stack.enter_context(made)

        yield client


@pytest.fixture
def listening(photos_of: Callable[..., Photos]) -> Iterator[Callable[..., Listening]]:
    """Starts a service with a fake engine on a free port, from settings."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(_listening(photos_of(**settings)))


@contextmanager
def _listening(photos: Photos) -> Iterator[Listening]:
    server = uvicorn.Server(configuration(photos))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Listening(listener.getsockname()[1], photos)
        finally:
            server.should_exit = server.force_exit = True
            thread.join(10)


def request(path: str, body: bytes, *headers: str) -> bytes:
    """A POST as it goes over the wire."""
    lines = (f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}", *headers)
    return "\r\n".join([*lines, "", ""]).encode() + body


def wait_until(happened: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something happened. Fails if it does not."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture(scope="session")
def picture() -> bytes:
    """A small photo, as the bytes of a PNG."""
    return encoded(Image.fromarray(gradient(120, 90)))
