"""Who may call."""

import pytest
from pspm_runtime.errors import PspmError
from pspm_runtime.server.settings import Settings, token_of_environment

from tests.runtime.server.conftest import TOKEN, Service


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {TOKEN}"},
        {"X-Api-Key": "secre"},
        {"X-Api-Key": ""},
        {"Authorization": b"Bearer s\xc3\xa9cret"},
    ],
)
def test_without_the_token_nothing_is_done(headers: dict[str, str], service: Service, picture: bytes) -> None:
    client = service(token=TOKEN)

    answer = client.post("/alpha", content=picture, headers=headers)

    assert answer.status_code == 401
    assert "the token is missing or wrong" in answer.json()["error"]
    assert answer.headers["www-authenticate"] == "Bearer"
    assert client.get("/metrics", headers=headers).status_code == 401


@pytest.mark.parametrize("headers", [{"Authorization": f"bearer {TOKEN}"}, {"X-Api-Key": TOKEN}])
def test_with_the_token_photos_are_taken(headers: dict[str, str], service: Service, picture: bytes) -> None:
    client = service(token=TOKEN)

    assert client.post("/alpha", content=picture, headers=headers).status_code == 200
    assert client.get("/metrics", headers=headers).status_code == 200
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_the_token_is_not_shown() -> None:
    assert TOKEN not in repr(Settings(token=TOKEN))


def test_web_pages_of_other_origins_may_not_call_unless_asked_for(service: Service, picture: bytes) -> None:
    closed, opened = service(), service(origins=("https://a.example",))

    def post(client: object, origin: str) -> tuple[int, str | None]:
        answer = client.post("/alpha", content=picture, headers={"Origin": origin})  # type: ignore[attr-defined]
        return answer.status_code, answer.headers.get("access-control-allow-origin")

    assert post(closed, "https://a.example") == (403, None)
    assert post(closed, "null") == (403, None)
    assert post(closed, "http://127.0.0.1:7000") == (200, None)
    assert post(opened, "https://a.example") == (200, "https://a.example")
    assert post(opened, "https://b.example") == (403, None)
    preflight = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    assert opened.options("/alpha", headers=preflight).status_code == 200
    assert closed.options("/alpha", headers=preflight).status_code == 405


@pytest.mark.parametrize("token", ["", "  ", "a\nb", "é"])
def test_a_token_that_cannot_be_sent_is_an_error(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSPM_TOKEN", token)

    with pytest.raises(PspmError, match="PSPM_TOKEN is empty or not printable ASCII"):
        token_of_environment()
