"""What is sent to rembg's server and to remove.bg works here."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from tests.runtime.pictures import encoded
from tests.runtime.server.conftest import TOKEN, Service


def mode_of(content: bytes) -> str:
    return Image.open(io.BytesIO(content)).mode


@pytest.mark.parametrize(
    ("options", "mode"),
    [
        ({"model": "u2net", "a": "true", "af": "240", "ab": "10", "ae": "10", "ppm": "true"}, "RGBA"),
        ({"om": "true"}, "L"),
        ({"om": "false", "bgc": "0,255,0,255"}, "RGB"),
        ({"bgc": "0,0,0,0"}, "RGBA"),
        ({"quality": "fast"}, "RGBA"),
    ],
)
def test_requests_of_rembg(options: dict[str, str], mode: str, service: Service, picture: bytes) -> None:
    client = service()
    for place in ("params", "data"):
        answer = client.post("/api/remove", files={"file": picture}, **{place: options})  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "image/png"
        assert mode_of(answer.content) == mode


def test_requests_of_rembg_that_mean_something_else(service: Service, picture: bytes) -> None:
    client = service()

    url = client.post("/api/remove?url=http://127.0.0.1/a.jpg", files={"file": picture})
    get = client.get("/api/remove?url=http://127.0.0.1/a.jpg")
    faint = client.post("/api/remove", data={"bgc": "0,0,0,128"}, files={"file": picture})

    assert (url.status_code, get.status_code, faint.status_code) == (400, 405, 400)
    assert "nothing is fetched" in url.json()["error"]
    assert "opaque" in faint.json()["error"]


@pytest.mark.parametrize(
    ("options", "kind", "mode"),
    [
        ({"size": "auto"}, "image/png", "RGBA"),
        ({"channels": "alpha"}, "image/png", "L"),
        ({"bg_color": "81d4fa", "format": "jpg"}, "image/jpeg", "RGB"),
        ({"bg_color": "fff"}, "image/png", "RGB"),
        ({"bg_color": "green", "crop": "true", "crop_margin": "10%"}, "image/png", "RGB"),
        ({"crop": "true"}, "image/png", "RGBA"),
        ({"bg_color": ""}, "image/png", "RGBA"),
    ],
)
def test_requests_of_remove_bg(options: dict[str, str], kind: str, mode: str, service: Service, picture: bytes) -> None:
    client = service()

    answer = client.post("/v1.0/removebg", data=options, files={"image_file": picture})

    assert answer.status_code == 200, answer.text
    assert (answer.headers["content-type"], mode_of(answer.content)) == (kind, mode)


def test_remove_bgs_pictures_in_the_form(service: Service, picture: bytes) -> None:
    client = service()
    green = encoded(Image.new("RGB", (9, 9), (0, 255, 0)))

    behind = client.post("/v1.0/removebg", files={"image_file": picture, "bg_image_file": green})
    encoded_photo = client.post("/v1.0/removebg", data={"image_file_b64": base64.b64encode(picture).decode()})

    assert tuple(np.asarray(Image.open(io.BytesIO(behind.content)))[0, 0]) == (0, 255, 0)
    assert mode_of(encoded_photo.content) == "RGBA"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"image_url": "https://example.org/a.jpg"}, "nothing is fetched from other servers"),
        ({"bg_image_url": "https://example.org/a.jpg"}, "as bg_image_file"),
        ({"format": "zip"}, "format must be auto, png, jpg or webp"),
        ({"format": "jpg"}, "cannot hold transparency"),
        ({"roi": "0% 0% 100% 100%"}, "'roi' is not supported here"),
        ({"crop": "true", "crop_margin": "30px"}, "crop_margin must be a percentage"),
        ({"crop": "true", "crop_margin": "x%"}, "crop_margin must be a percentage"),
        ({"channels": "red"}, "channels must be rgba or alpha"),
        ({"image_file_b64": "%%%"}, "not base64"),
        ({"bg_color": "/etc/hostname"}, "with must be a colour"),
    ],
)
def test_requests_of_remove_bg_that_are_refused(
    options: dict[str, str], words: str, service: Service, picture: bytes
) -> None:
    answer = service().post("/v1.0/removebg", data=options, files={"image_file": picture})

    assert answer.status_code == 400
    assert words in answer.json()["errors"][0]["title"]


def test_remove_bgs_key_is_the_token(service: Service, picture: bytes) -> None:
    client = service(token=TOKEN)

    assert client.post("/v1.0/removebg", files={"image_file": picture}).status_code == 401
    answer = client.post("/v1.0/removebg", files={"image_file": picture}, headers={"X-Api-Key": TOKEN})
    assert answer.status_code == 200
