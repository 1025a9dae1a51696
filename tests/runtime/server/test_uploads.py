"""Bodies that are no photo, or too much of one."""

import select
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from tests.runtime.pictures import encoded, gradient, png
from tests.runtime.server.conftest import Listening, Service, request

BOUNDARY = "multipart/form-data; boundary=xyz"


def part(headers: bytes, data: bytes) -> bytes:
    return b"--xyz\r\n" + headers + b"\r\n\r\n" + data + b"\r\n--xyz--\r\n"


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        (b"", "image/png", 400, "the body is empty"),
        (b"hello, this is text", "image/png", 422, "not a picture in a format"),
        (b"hello", "text/plain", 415, "'text/plain' is not a photo"),
        (b'{"image_url": "http://x"}', "application/json", 415, "send its bytes as image/*"),
        (b"x", "video/mp4", 415, "'video/mp4' is not a photo"),
        (b"no parts", BOUNDARY, 400, "the form"),
        (b"x", "multipart/form-data", 400, "boundary"),
        (part(b'Content-Disposition: form-data; name="photo"; filename="a.jpg"', b""), BOUNDARY, 400, "is empty"),
        (part(b'Content-Disposition: form-data; name="picture"; filename="a"', b"x"), BOUNDARY, 400, "no option"),
        (part(b'Content-Disposition: form-data; name="photo"', b"x"), BOUNDARY, 400, "'photo' is no option"),
        (part(b'Content-Disposition: form-data; name="quality"', b"fast"), BOUNDARY, 400, "the form has no photo"),
        (part(b'Content-Disposition: form-data; name="quality"; filename="a"', b"x"), BOUNDARY, 400, "not a picture"),
        (part(b"Content-Disposition: form-data", b"x"), BOUNDARY, 400, "the form cannot be read"),
        (part(b"X: " + b"y" * 3_000_000, b"x"), BOUNDARY, 400, "the form"),
        (b"--xyz\r\nContent-Disposition: form-data; name=", BOUNDARY, 400, "the form has no photo"),
    ],
)
def test_a_body_that_is_no_photo(body: bytes, kind: str, status: int, words: str, service: Service) -> None:
    answer = service().post("/cutout", content=body, headers={"Content-Type": kind})

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert words in answer.json()["error"]
    assert answer.json()["errors"] == [{"title": answer.json()["error"]}]


def test_a_photo_that_is_cut_short_is_refused(service: Service) -> None:
    whole = encoded(Image.fromarray(gradient(300, 200)))

    answer = service().post("/cutout", files={"photo": whole[: len(whole) // 2]})

    assert answer.status_code == 422
    assert "the photo is damaged or cut short" in answer.json()["error"]


def test_more_bytes_than_the_limit_are_refused_whether_the_length_is_told_or_not(service: Service) -> None:
    client = service(max_megabytes=0.5)

    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield bytes(1 << 16)

    told = client.post("/cutout", content=bytes(600_000))
    untold = client.post("/cutout", content=endless())
    form = client.post("/cutout", files={"photo": bytes(600_000)})

    for answer in (told, untold, form):
        assert answer.status_code == 413
        assert "larger than 0.5 MB" in answer.json()["error"]
    assert told.headers["connection"] == "close"
    assert client.photos.held.held == 0  # type: ignore[attr-defined]


def test_a_url_encoded_form_is_bounded_because_its_escapes_take_long(service: Service) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = service().post("/v1.0/removebg", content=b"image_file_b64=" + b"%41" * 700_000, headers=form)

    assert answer.status_code == 413
    assert "send multipart/form-data" in answer.json()["error"]


def test_a_form_that_takes_long_to_read_lets_others_be_answered(listening: Callable[..., Listening]) -> None:
    service = listening()
    start = b'--xyz\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\n'
    with service.connect() as slow, service.connect() as quick:
        slow.sendall(request("/alpha", start + b"\r\n--xy" * 3_000_000, f"Content-Type: {BOUNDARY}"))
        quick.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert quick.recv(100).startswith(b"HTTP/1.1 200")
        assert select.select([slow], [], [], 0)[0] == []  # the form is still being read
        assert slow.recv(100).startswith(b"HTTP/1.1 4")


def test_a_length_is_needed(service: Service) -> None:
    client = service()
    request = client.build_request("POST", "/cutout")
    del request.headers["content-length"]

    answer = client.send(request)

    assert answer.status_code == 411
    assert "Content-Length" in answer.json()["error"]


@pytest.mark.parametrize("side", [40_000, 8_000])
def test_a_gigapixel_is_refused_from_its_header(side: int, service: Service) -> None:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(100_000_000), 9)
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    )

    answer = service().post("/cutout", files={"photo": bomb})

    assert answer.status_code == 413
    assert answer.json()["error"] == "the photo has more than 50 megapixels; send a smaller one"


def test_all_that_is_held_is_bounded(service: Service, picture: bytes) -> None:
    client = service()
    held = client.photos.held  # type: ignore[attr-defined]
    with held.share() as others:
        assert others.take(held.most - 100)
        answer = client.post("/cutout", content=picture)

    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert client.post("/cutout", content=picture).status_code == 200
    assert held.held == 0


def test_nothing_is_written_to_disk(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    big = png(1500, 1200, 8, 2, bytes(1500 * 1200 * 3)) + bytes(3_000_000)  # more than Starlette keeps in memory

    answer = service().post("/alpha", files={"photo": big})

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "name", ["a\r\nSet-Cookie: x=y.png", '"; filename="b', "../../etc/passwd", "\x00\x1b[2J", "x" * 4000, "日本.jpg"]
)
def test_a_file_name_reaches_no_answer(name: str, service: Service, picture: bytes) -> None:
    client = service()
    for photo in (picture, b"no photo"):
        answer = client.post("/cutout", files={"photo": (name, photo)})
        assert answer.status_code in (200, 400, 422)
        assert "set-cookie" not in answer.headers
        assert "passwd" not in str(answer.headers) + (answer.text if answer.status_code != 200 else "")


def test_names_and_values_in_errors_are_one_short_line(service: Service, picture: bytes) -> None:
    client = service()
    for options in ({"a\r\nb": "1"}, {"quality": "x\r\n\x1b[2J" + "y" * 10_000}, {"n" * 10_000: ""}):
        answer = client.post("/cutout", params=options, files={"photo": picture})
        assert answer.status_code == 400
        assert len(answer.json()["error"]) < 400
        assert answer.json()["error"].isprintable()


def test_heic_is_read_as_the_runtime_reads_it(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from pillow_heif import from_pillow

    with tempfile.TemporaryFile() as file:
        from_pillow(Image.fromarray(gradient(64, 48))).save(file, quality=90)
        file.seek(0)
        heic = file.read()
    client = service()

    assert client.post("/alpha", files={"photo": heic}).status_code == 200
    monkeypatch.setitem(sys.modules, "pillow_heif.as_plugin", None)
    answer = client.post("/alpha", files={"photo": heic})
    assert answer.status_code == 422
    assert "pillow-heif" in answer.json()["error"]
