"""Callers who keep a connection and send nothing, or little, or no HTTP."""

import contextlib
import socket
import time
from collections.abc import Callable

import pytest
from pspm_runtime.server import connection

from tests.runtime.server.conftest import Listening, request, wait_until

Start = Callable[..., Listening]


@pytest.fixture
def impatient(listening: Start, monkeypatch: pytest.MonkeyPatch) -> Listening:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 1)
    monkeypatch.setattr(connection, "SEND_SECONDS", 1)
    monkeypatch.setattr(connection, "_TICK", 0.05)
    return listening(seconds=1)


def read_all(caller: socket.socket) -> bytes:
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := caller.recv(65536):
            parts.append(part)
    return b"".join(parts)


def drip(caller: socket.socket, data: bytes, seconds: float = 10) -> bool:
    """Send a byte at a time; whether the other side ends it."""
    end = time.monotonic() + seconds
    for byte in data:
        try:
            caller.sendall(bytes([byte]))
        except ConnectionError:
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("sent", [b"", b"POST /alpha HTTP/1.1\r\nHost: a\r\nX: "])
def test_a_caller_who_sends_no_head_is_ended(sent: bytes, impatient: Listening) -> None:
    with impatient.connect() as caller:
        caller.sendall(sent)
        assert read_all(caller) == b""


def test_slow_callers_are_ended_and_others_are_answered_meanwhile(impatient: Listening, picture: bytes) -> None:
    callers = [impatient.connect() for _ in range(40)]
    for caller in callers:
        caller.sendall(b"POST /alpha HTTP/1.1\r\nHost: a\r\n")

    with impatient.connect() as honest:
        honest.sendall(request("/alpha", picture, "Connection: close"))
        assert read_all(honest).startswith(b"HTTP/1.1 200")
    assert drip(callers[0], b"X: " + b"y" * 200)
    for caller in callers:
        assert read_all(caller) == b""
        caller.close()


def test_a_body_that_drips_is_refused(impatient: Listening, picture: bytes) -> None:
    with impatient.connect() as caller:
        caller.sendall(request("/alpha", picture)[:-100])
        answer = read_all(caller)
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"did not arrive within 1 s" in answer
    wait_until(lambda: impatient.photos.held.held == 0)


def test_a_caller_who_does_not_read_is_ended(impatient: Listening) -> None:
    page = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
    with impatient.connect() as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        with pytest.raises((ConnectionError, TimeoutError)):
            for _ in range(100_000):
                caller.sendall(page)


def test_a_body_that_is_refused_by_its_length_is_read_on_so_that_the_answer_arrives(listening: Start) -> None:
    service = listening()
    with service.connect() as caller:
        caller.sendall(b"POST /alpha HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n")
        for _ in range(100):
            caller.sendall(bytes(1_000_000))
        assert caller.recv(1000).startswith(b"HTTP/1.1 413")
    assert service.photos.held.held == 0


def test_a_caller_who_asks_first_sends_nothing(listening: Start, picture: bytes) -> None:
    service = listening()
    head = b"POST /alpha HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    with service.connect() as caller:
        caller.sendall(head % 100_000_000)
        answer = read_all(caller)
        assert answer.startswith(b"HTTP/1.1 413")
        assert answer.count(b"HTTP/1.1") == 1
    with service.connect() as caller:
        caller.sendall(head % len(picture))
        assert caller.recv(1000).startswith(b"HTTP/1.1 100")
        caller.sendall(picture)
        assert b"HTTP/1.1 200" in caller.recv(1000)


def test_an_upload_that_breaks_off_is_forgotten(listening: Start, picture: bytes) -> None:
    service = listening()
    for _ in range(20):
        with service.connect() as caller:
            caller.sendall(request("/alpha", picture)[:-10])

    wait_until(lambda: "pspm_dropped_total 20.0" in service.photos.metrics.text().decode())
    assert service.photos.held.held == 0
    assert service.photos.workers.taken == 0


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /alpha HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST /alpha HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST /alpha HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /alpha HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000,
    ],
)
def test_what_is_not_http_is_refused(sent: bytes, impatient: Listening) -> None:
    with impatient.connect() as caller:
        caller.sendall(sent)
        answer = read_all(caller)
        assert answer.startswith(b"HTTP/1.1 400")
        assert b'{"error": "this is not' in answer


def test_connections_are_bounded(impatient: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MOST", 3)
    callers = [impatient.connect() for _ in range(5)]

    answers = [read_all(caller) for caller in callers]
    for caller in callers:
        caller.close()

    assert sorted(answer[:12] for answer in answers) == [b"", b"", b"", b"HTTP/1.1 503", b"HTTP/1.1 503"]


def test_a_connection_serves_several_photos(listening: Start, picture: bytes) -> None:
    service = listening()
    with service.connect() as caller:
        for body, status in ((picture, b"200"), (b"no photo", b"422"), (picture, b"200")):
            caller.sendall(request("/alpha", body))
            head = b""
            while b"\r\n\r\n" not in head:
                head += caller.recv(1)
            assert head.split()[1] == status
            length = int(head.lower().partition(b"content-length: ")[2].split()[0])
            while length:
                length -= len(caller.recv(length))
