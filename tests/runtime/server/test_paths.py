"""The paths beside photos: health, metrics, the page, the description of the interface."""

import re

import pytest
from pspm_runtime.server.request.parameters import effects

from tests.docs.pages import ROOT
from tests.runtime.server.conftest import TOKEN, Service


def test_health(service: Service) -> None:
    client = service()

    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 200)
    client.photos.stopping = True  # type: ignore[attr-defined]
    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 503)


def test_a_service_that_stops_takes_no_photo(service: Service, picture: bytes) -> None:
    client = service()
    client.photos.stopping = True  # type: ignore[attr-defined]

    answer = client.post("/alpha", content=picture)

    assert answer.status_code == 503
    assert "stopping" in answer.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("POST", "/video", 404), ("GET", "/cutout", 405)]
)
def test_other_paths_and_methods(method: str, path: str, status: int, service: Service) -> None:
    answer = service().request(method, path)

    assert answer.status_code == status
    assert answer.json()["error"]
    assert status != 405 or answer.headers["allow"] == "POST"


def test_metrics_count_answers_and_refusals(service: Service, picture: bytes) -> None:
    client = service()
    client.post("/alpha", content=picture)
    client.post("/alpha", content=b"no photo")

    text = client.get("/metrics").text

    assert 'pspm_answers_total{effect="alpha",status="200"} 1.0' in text
    assert 'pspm_answers_total{effect="alpha",status="422"} 1.0' in text
    assert 'pspm_refusals_total{reason="photo"} 1.0' in text
    assert 'pspm_photo_seconds_count{effect="alpha"} 1.0' in text
    assert re.search(r"^pspm_photos 0\.0$", text, re.MULTILINE)
    assert client.get("/metrics").headers["content-type"].startswith("text/plain; version=0.0.4")


def test_the_description_names_every_effect_and_option(service: Service) -> None:
    document = service(token=TOKEN).get("/openapi.json").json()

    for name, effect in effects().items():
        described = document["paths"][f"/{name}"]["post"]
        form = described["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
        assert set(form) == {"photo", *effect.parameters}
        assert {parameter["name"] for parameter in described["parameters"]} == {*effect.parameters} - {"trimap"}
        assert all(parameter["description"] for parameter in described["parameters"])
    assert document["openapi"] == "3.1.0"
    assert document["paths"]["/blur"]["post"]["parameters"][-1]["schema"] == {"type": "number", "default": 0.5}
    assert document["security"]
    assert "security" not in service().get("/openapi.json").json()


def test_the_page_loads_nothing_from_elsewhere(service: Service) -> None:
    client = service()

    page, style, script = (client.get(path) for path in ("/", "/style.css", "/page.js"))

    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "http" not in page.text.replace("http-equiv", "") + style.text + script.text
    assert set(re.findall(r'value="(\w+)"', page.text)) >= set(effects())


def test_the_page_looks_like_the_web_demo() -> None:
    demo = (ROOT / "web_demo/app/style.css").read_text()
    ours = (ROOT / "runtime/pspm_runtime/server/page/style.css").read_text()
    shared = ours[ours.index(":root") : ours.index("\nhtml,")]

    rules = re.split(r"(?<=^\})\n", shared, flags=re.MULTILINE)

    assert len(rules) > 20
    assert not [rule for rule in rules if rule.strip() not in demo]
