"""`pspm serve` as a process, and what it says when it cannot start."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest
from pspm_runtime.command.cli import main
from pspm_runtime.files.sample import sample_photo

from tests.runtime.server.conftest import request, wait_until
from tests.scale.measure import sample

SERVE = [sys.executable, "-m", "pspm_runtime.command.cli", "serve", "--port", "0", "--threads", "1"]


@pytest.fixture
def process() -> Iterator["subprocess.Popen[str]"]:
    environment = {name: text for name, text in os.environ.items() if name != "PSPM_TOKEN"}
    with subprocess.Popen(SERVE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as process:
        yield process
        process.kill()


def port_of(process: "subprocess.Popen[str]") -> int:
    assert process.stdout
    said = process.stdout.readline()
    assert said.startswith("pspm serve: http://127.0.0.1:"), said
    return int(said.split(":")[3].split()[0])


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM")
def test_sigterm_lets_the_photos_be_finished_and_takes_no_more(process: "subprocess.Popen[str]") -> None:
    port = port_of(process)
    photo = sample_photo().read_bytes()
    answers: list[int] = []

    def post() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", "/cutout", photo)
        answer = connection.getresponse()
        answer.read()
        answers.append(answer.status)

    callers = [threading.Thread(target=post) for _ in range(3)]
    for caller in callers:
        caller.start()

    wait_until(lambda: "pspm_photos 3.0" in metrics(port), 60)
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: refused(port))
    for caller in callers:
        caller.join(60)

    assert answers == [200, 200, 200]
    assert process.wait(30) == 0
    assert process.stderr
    assert process.stderr.read() == ""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM")
def test_sigterm_waits_for_a_photo_whose_caller_has_gone(process: "subprocess.Popen[str]") -> None:
    port = port_of(process)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as caller:
        caller.sendall(request("/cutout?quality=best", sample(megapixels=6)))
        wait_until(lambda: "pspm_photos 1.0" in metrics(port), 60)
    wait_until(lambda: "pspm_dropped_total 1.0" in metrics(port), 60)
    assert "pspm_photos 1.0" in metrics(port)  # still in work

    process.send_signal(signal.SIGTERM)

    assert process.wait(60) == 0
    assert process.stderr
    assert process.stderr.read() == ""


def metrics(port: int) -> str:
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()


def refused(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as caller:
            caller.sendall(request("/alpha", b""))
            return not caller.recv(100)
    except ConnectionError:
        return True


def failure(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["serve", *arguments]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("pspm: ")
    assert said.err.count("\n") == 1
    return said.err


def test_a_port_that_is_taken_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = failure(["--port", port], capsys)
    assert f"127.0.0.1:{port} cannot be used (Address already in use); choose another --port" in said


@pytest.mark.parametrize("module", ["uvicorn", "starlette", "python_multipart", "prometheus_client"])
def test_without_the_extra_it_is_named(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)

    said = failure([], capsys)

    assert f"this needs {module}" in said
    assert "pip install '.[serve]'" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "70000"], "--port must be from 0 to 65535"),
        (["--workers", "0"], "--workers must be from 1 to 64"),
        (["--queue", "-1"], "--queue must be from 0"),
        (["--max-megabytes", "nan"], "--max-megabytes must be above 0"),
        (["--max-megapixels", "0"], "--max-megapixels must be above 0"),
        (["--seconds", "inf"], "--seconds must be from 1 to 3600"),
        (["--allow-origin", "example.org"], "--allow-origin must be an origin such as https://example.org"),
        (["--allow-origin", "https://example.org/path"], "--allow-origin must be an origin"),
        (["--host", "no.such.host.invalid", "--port", "0"], "no.such.host.invalid is no address of this machine"),
        (["--host", "192.0.2.1", "--port", "0"], "192.0.2.1:0 cannot be used"),
        (["--port", "0", "--model", "nothing"], "nothing"),
        (["--port", "0", "--model", "mobile-trimap"], "mobile-trimap needs a trimap for every photo"),
        (["--port", "0", "--threads", "0"], "threads cannot run a network"),
    ],
)
def test_a_wrong_option_is_one_sentence(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert words in failure(arguments, capsys)


def test_an_empty_token_is_one_sentence(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSPM_TOKEN", "")

    assert "PSPM_TOKEN is empty" in failure(["--port", "0"], capsys)
