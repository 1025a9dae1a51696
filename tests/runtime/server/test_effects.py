"""The service does what the commands do."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.command.cli import main
from pspm_runtime.server.app import application
from pspm_runtime.server.models import Models
from pspm_runtime.server.photos import Photos
from pspm_runtime.server.request import parameters
from pspm_runtime.server.settings import Settings
from starlette.testclient import TestClient

from tests.runtime.pictures import encoded, gradient
from tests.runtime.server.conftest import Service

# Options that only the operator chooses, or that are about files.
OF_THE_COMMAND_ALONE = {
    "help",
    "photos",
    "out",
    "model",
    "threads",
    "force",
    "resume",
    "jobs",
    "shard",
    "device",
    "frames",
    "max_megapixels",
    "json",
    "json_lines",
    "quiet",
}


@pytest.mark.parametrize(
    ("effect", "options", "kind", "mode"),
    [
        ("alpha", {}, "PNG", "L"),
        ("cutout", {}, "PNG", "RGBA"),
        ("background", {"with": "#20a0ff"}, "JPEG", "RGB"),
        ("blur", {"strength": "0.3"}, "JPEG", "RGB"),
        ("alpha", {"format": "webp"}, "WEBP", "RGB"),
        ("cutout", {"format": "tif", "crop": "0.1"}, "TIFF", "RGBA"),
        ("blur", {"jpeg_quality": "60"}, "JPEG", "RGB"),
    ],
)
def test_a_result_is_the_commands(
    effect: str, options: dict[str, str], kind: str, mode: str, service: Service, picture: bytes, tmp_path: Path
) -> None:
    response = service().post(f"/{effect}", data=options, files={"photo": picture})

    assert response.status_code == 200, response.text
    with Image.open(io.BytesIO(response.content)) as result:
        assert (result.format, result.mode) == (kind, mode)
        assert response.headers["content-type"] == f"image/{kind.lower()}"
    (tmp_path / "in.png").write_bytes(picture)
    suffix = options.get("format") or {"PNG": "png", "JPEG": "jpg"}[kind]
    words = [f"--{name.replace('_', '-')}={text}" for name, text in options.items() if name != "format"]
    assert main([effect, str(tmp_path / "in.png"), "-o", str(tmp_path / f"out.{suffix}"), "--quiet", *words]) == 0
    assert response.content == (tmp_path / f"out.{suffix}").read_bytes()


def test_options_may_be_in_the_query_and_the_body_the_photo(service: Service, picture: bytes) -> None:
    client = service()
    as_form = client.post("/blur", data={"strength": "0.9"}, files={"photo": picture})

    for kind in ("image/png", "application/octet-stream", "application/x-www-form-urlencoded", ""):
        raw = client.post("/blur?strength=0.9", content=picture, headers={"Content-Type": kind})
        assert raw.content == as_form.content


@pytest.mark.parametrize("name", ["photo", "file", "image", "image_file"])
def test_the_names_of_other_services_are_taken_for_the_photo(name: str, service: Service, picture: bytes) -> None:
    assert service().post("/alpha", files={name: picture}).status_code == 200


def test_a_background_and_a_trimap_are_pictures_of_the_form(picture: bytes) -> None:
    settings = Settings(threads=1)
    photos = Photos(settings, Models(settings))
    behind = encoded(Image.new("RGB", (5, 5), (0, 255, 0)))
    drawn = np.full((90, 120), 128, np.uint8)
    drawn[:30], drawn[40:60, 40:60] = 0, 255

    with TestClient(application(photos)) as client:
        answer = client.post(
            "/background?format=png",
            files={"photo": picture, "with": behind, "trimap": encoded(Image.fromarray(drawn))},
        )
    photos.workers.stop()

    assert answer.status_code == 200, answer.text
    result = np.asarray(Image.open(io.BytesIO(answer.content)))
    assert (result[:30] == (0, 255, 0)).all()
    assert np.array_equal(result[40:60, 40:60], gradient(120, 90)[40:60, 40:60])


@pytest.mark.parametrize(
    ("accept", "effect", "kind"),
    [
        ("*/*", "cutout", "image/png"),
        ("", "cutout", "image/png"),
        ("image/webp", "cutout", "image/webp"),
        ("image/jpeg, image/webp;q=0.5", "cutout", "image/webp"),
        ("image/jpeg, image/webp;q=0.5", "blur", "image/jpeg"),
        ("image/*;q=0.3, image/png;q=0.1", "alpha", "image/webp"),
        ("text/html, image/avif, image/webp, */*;q=0.8", "alpha", "image/webp"),
        ("image/*", "background", "image/jpeg"),
        ("image/png;q=nonsense", "blur", "image/png"),
    ],
)
def test_accept_chooses_the_format(accept: str, effect: str, kind: str, service: Service, picture: bytes) -> None:
    options = {"with": "white"} if effect == "background" else {}

    answer = service().post(f"/{effect}", params=options, files={"photo": picture}, headers={"Accept": accept})

    assert answer.headers["content-type"] == kind


def test_headers_say_whether_there_is_a_person_and_what_was_left_out(service: Service, picture: bytes) -> None:
    pages = [Image.fromarray(gradient(60, 40)[::step]) for step in (1, -1, 1)]
    animated = encoded(pages[0], "GIF", save_all=True, append_images=pages[1:])
    client = service()

    one = client.post("/alpha", files={"photo": picture})
    several = client.post("/alpha", files={"photo": animated})

    assert one.headers["pspm-person"] == "true"
    assert "pspm-frames-left" not in one.headers
    assert several.headers["pspm-frames-left"] == "2"
    assert one.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("effect", "options", "words"),
    [
        ("alpha", {"quallity": "fast"}, ["'quallity' is no option of alpha", "quality"]),
        ("alpha", {"strength": "1"}, ["no option of alpha"]),
        ("alpha", {"quality": "superb"}, ["quality must be one of fast, balanced, best"]),
        ("blur", {"strength": "much"}, ["strength must be a number, not 'much'"]),
        ("blur", {"strength": "nan"}, ["strength of nan is out of range"]),
        ("blur", {"strength": "2"}, ["out of range"]),
        ("cutout", {"crop": "99"}, ["crop must be from 0 to 10"]),
        ("cutout", {"format": "jpg"}, ["cannot hold transparency", ".png"]),
        ("cutout", {"format": "gif"}, ["format must be one of png"]),
        ("alpha", {"alpha_bits": "16", "format": "webp"}, ["holds 8 bits", "alpha_bits"]),
        ("alpha", {"alpha_bits": "12"}, ["alpha_bits must be one of 8, 16"]),
        ("alpha", {"jpeg_quality": "50"}, ["jpeg_quality does not change a PNG file"]),
        ("blur", {"jpeg_quality": "500"}, ["jpeg_quality must be from 1 to 100"]),
        ("alpha", {"require_person": "perhaps"}, ["require_person must be true or false"]),
        ("alpha", {"trimap": "/etc/hostname"}, ["trimap must be a picture as a file part", "nothing is fetched"]),
        ("background", {}, ["background needs with", "#20a0ff"]),
        ("background", {"with": "/etc/hostname"}, ["with must be a colour", "nothing is fetched or opened by name"]),
        ("background", {"with": "https://example.org/a.jpg"}, ["with must be a colour", "nothing is fetched"]),
        ("background", {"with": "#12"}, ["'#12' is not a colour"]),
        ("alpha", {"model": "b5"}, ["no option of alpha"]),
    ],
)
def test_a_wrong_option_is_one_sentence(
    effect: str, options: dict[str, str], words: list[str], service: Service, picture: bytes
) -> None:
    for place in ("params", "data"):
        given: dict[str, Any] = {place: options}
        answer = service().post(f"/{effect}", files={"photo": picture}, **given)
        assert answer.status_code == 400
        for word in words:
            assert word in answer.json()["error"]
        assert "--" not in answer.json()["error"]


def test_an_option_given_twice_is_refused(service: Service, picture: bytes) -> None:
    answer = service().post("/blur?strength=1", data={"strength": "1"}, files={"photo": picture})

    assert answer.status_code == 400
    assert "strength is given twice" in answer.json()["error"]


def test_a_photo_without_a_person_can_be_refused(service: Service, picture: bytes) -> None:
    client = service()
    client.photos.models._plain.engine.answer = lambda w, h: np.zeros((h, w), np.float32)  # type: ignore[attr-defined]

    answer = client.post("/cutout", data={"require_person": "true"}, files={"photo": picture})
    other = client.post("/cutout", files={"photo": picture})

    assert answer.status_code == 422
    assert "no person was found" in answer.json()["error"]
    assert (other.status_code, other.headers["pspm-person"]) == (200, "false")


def test_metadata_is_kept_only_if_asked_for(service: Service) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "Maker", {1: "N", 2: (1.0, 2.0, 3.0)}
    photo = encoded(Image.fromarray(gradient(60, 40)), "JPEG", exif=exif)
    client = service()

    def made(**options: str) -> Image.Exif:
        answer = client.post("/alpha", params=options, files={"photo": photo})
        return Image.open(io.BytesIO(answer.content)).getexif()

    assert not dict(made())
    assert made(keep_metadata="true")[0x010F] == "Maker"
    assert not made(keep_metadata="true").get_ifd(0x8825)
    assert made(keep_gps="true").get_ifd(0x8825)


def test_every_option_of_the_commands_is_served_or_left_to_the_command() -> None:
    import argparse

    from pspm_runtime.command.photo_commands import add_photo_commands

    commands = argparse.ArgumentParser().add_subparsers()
    add_photo_commands(commands)
    assert set(parameters.effects()) == {"alpha", "cutout", "background", "blur"}
    options = {option.dest for name in parameters.effects() for option in commands.choices[name]._actions}

    assert options == {*parameters.SERVED} | OF_THE_COMMAND_ALONE
