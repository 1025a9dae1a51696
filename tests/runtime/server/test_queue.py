"""Too many photos, photos that take too long, callers who go away."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse

import numpy as np
import pytest

from tests.runtime.fake_engine import FakeEngine, failing
from tests.runtime.pictures import disc
from tests.runtime.server.conftest import Listening, request, wait_until

Start = Callable[..., Listening]


class Gate:
    """Lets the network run when it is open."""

    def __init__(self, engine: FakeEngine) -> None:
        self._engine = engine
        self._open = threading.Event()
        self.waiting = 0
        self.open()

    def close(self) -> None:
        self._open.clear()
        self._engine.answer = self._answer

    def open(self) -> None:
        self._open.set()

    def _answer(self, width: int, height: int) -> np.ndarray:
        self.waiting += 1
        assert self._open.wait(30)
        return disc(width, height)


@pytest.fixture
def gate(fake_engine: FakeEngine) -> Iterator[Gate]:
    gate = Gate(fake_engine)
    yield gate
    gate.open()


def post(service: Listening, body: bytes, path: str = "/alpha?quality=fast") -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", service.port, timeout=30)
    connection.request("POST", path, body, {"Content-Type": "image/png"})
    answer = connection.getresponse()
    answer.content = answer.read()  # type: ignore[attr-defined]
    return answer


def test_when_all_places_are_taken_photos_are_refused_at_once(listening: Start, gate: Gate, picture: bytes) -> None:
    service = listening(queue=2)
    workers = service.photos.workers
    gate.close()
    with ThreadPoolExecutor(3) as callers:
        waiting = [callers.submit(post, service, picture) for _ in range(3)]
        wait_until(lambda: workers.full and gate.waiting)

        refused = post(service, picture)
        with service.connect() as unread:  # also a body that never comes
            unread.sendall(request("/alpha", picture).partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
            head = unread.recv(1000)

        gate.open()
        assert [answer.result().status for answer in waiting] == [200, 200, 200]
    assert (refused.status, refused.headers["Retry-After"]) == (503, "2")
    assert b"try again in 2 s" in refused.content  # type: ignore[attr-defined]
    assert head.startswith(b"HTTP/1.1 503")
    assert post(service, picture).status == 200


def test_a_photo_that_takes_too_long_keeps_its_place_until_it_is_done(
    listening: Start, gate: Gate, picture: bytes
) -> None:
    service = listening(seconds=1, queue=1)
    workers = service.photos.workers
    gate.close()

    with ThreadPoolExecutor(2) as callers:
        answers = [answer.result() for answer in [callers.submit(post, service, picture) for _ in range(2)]]

    assert [answer.status for answer in answers] == [504, 504]
    assert b"took longer than 1 s" in answers[0].content  # type: ignore[attr-defined]
    assert workers.taken == 1  # the one that waited has been forgotten
    gate.open()
    wait_until(lambda: workers.taken == 0)
    assert post(service, picture).status == 200
    assert gate.waiting == 2  # none of them for the forgotten photo


def test_a_caller_who_goes_away_frees_the_place(listening: Start, gate: Gate, picture: bytes) -> None:
    service = listening(queue=1)
    workers = service.photos.workers
    gate.close()
    with service.connect() as in_work, service.connect() as waits:
        in_work.sendall(request("/alpha?quality=fast", picture))
        wait_until(lambda: gate.waiting)
        waits.sendall(request("/alpha?quality=fast", picture))
        wait_until(lambda: workers.full)
    wait_until(lambda: workers.taken == 1)
    gate.open()
    wait_until(lambda: workers.taken == 0)

    assert gate.waiting == 1
    assert "pspm_dropped_total 2.0" in service.photos.metrics.text().decode()
    assert service.photos.held.held == 0


def test_a_fault_of_ours_is_told_and_does_not_end_the_service(
    listening: Start, fake_engine: FakeEngine, picture: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    service = listening()
    fake_engine.answer = failing(RuntimeError("broken\nnetwork"))

    answer = post(service, picture)

    assert answer.status == 500
    assert b"fault of the service" in answer.content  # type: ignore[attr-defined]
    assert b"network" not in answer.content  # type: ignore[attr-defined]
    said = capfd.readouterr().err
    assert "RuntimeError" in said
    assert said.count("\n") == 1
    fake_engine.answer = failing(MemoryError())
    assert post(service, picture).status == 413
    fake_engine.answer = disc
    assert post(service, picture).status == 200


def test_several_workers_work_at_once(listening: Start, gate: Gate, picture: bytes) -> None:
    service = listening(workers=2, queue=0)
    gate.close()
    with ThreadPoolExecutor(2) as callers:
        both = [callers.submit(post, service, picture) for _ in range(2)]
        wait_until(lambda: gate.waiting == 2)
        assert post(service, picture).status == 503
        gate.open()
        assert [answer.result().status for answer in both] == [200, 200]
