import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pspm_runtime import PhotoError, open_photo

from tests.runtime.pictures import assert_one_sentence, encoded, gradient

DATA = encoded(Image.fromarray(gradient(64, 48)), "JPEG")


class Chunks:
    """Its `read` gives what is there, as that of a socket."""

    def __init__(self) -> None:
        self.stream = io.BytesIO(DATA)

    def read(self, size: int = 100) -> bytes:
        return self.stream.read(size)


class Upload:
    """As FastAPI's UploadFile."""

    filename = "photo.jpg"

    async def read(self) -> bytes:
        return DATA


class Endless:
    def read(self) -> bytes:
        return bytes(1 << 24)


class Broken:
    def read(self) -> bytes:
        raise KeyError("no such part")


def closed() -> io.BytesIO:
    stream = io.BytesIO(DATA)
    stream.close()
    return stream


def written() -> Any:
    return open(tempfile.mkstemp()[1], "wb")  # noqa: PTH123


def spooled() -> Any:
    file = tempfile.SpooledTemporaryFile()  # noqa: SIM115
    file.write(DATA)
    return file


def test_parts_are_read_to_the_end() -> None:
    assert open_photo(Chunks()).image == open_photo(DATA).image  # type: ignore[arg-type]
    assert open_photo(spooled()).image == open_photo(DATA).image


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("make", "parts"),
    [
        (closed, ("closed", "open it again")),
        (written, ("not open for reading", "'rb'")),
        (Upload, ("asynchronous", "await file.read()")),
        (Endless, ("larger than any photo of 0.1 megapixels",)),
        (Broken, ("cannot be read", "no such part")),
    ],
)
def test_file_objects_that_cannot_be_read(make: Callable[[], Any], parts: tuple[str, ...]) -> None:
    file = make()
    with pytest.raises(PhotoError) as caught:
        open_photo(file, max_megapixels=0.1)
    assert_one_sentence(caught.value, *parts)
    if hasattr(file, "close"):
        file.close()


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("https://example.com/a.jpg", ("https://example.com/a.jpg is a URL", "download it first")),
        ("data:image/jpeg;base64,/9j/4AAQ", ("is a URL", "download it first")),
        (Path("https://example.com/a.jpg"), ("is a URL",)),
        (" HTTPS://example.com/a.jpg", ("is a URL",)),
        ("https:\\\\example.com\\a.jpg", ("is a URL",)),
        ("file:///photos/a.jpg", ("is a URL",)),
        ("blob:https://example.com/1", ("is a URL",)),
        ("a\0b.jpg", ("cannot be a path", "null")),
        ("~/nowhere.jpg", ("nowhere.jpg does not exist",)),
        ("~no-such-user/a.jpg", ("cannot be a path",)),
        ("/dev/zero", ("is a device",)),
        ("", ("is a folder",)),
    ],
)
def test_paths_that_are_not_files(path: str | Path, parts: tuple[str, ...]) -> None:
    with pytest.raises(PhotoError) as caught:
        open_photo(path)
    assert_one_sentence(caught.value, *parts)


def test_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "photo.jpg").write_bytes(DATA)

    assert open_photo("~/photo.jpg").image.size == (64, 48)


def test_closed_pil_image(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(DATA)
    with Image.open(tmp_path / "a.jpg") as image:
        pass
    closed = Image.open(io.BytesIO(DATA))
    closed.load()
    closed.close()
    for given in (image, closed):
        with pytest.raises(PhotoError) as caught:
            open_photo(given)
        assert_one_sentence(caught.value, "the PIL image given as photo is closed", "open it again")


def test_pil_image_loaded_before_its_file_was_closed(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(DATA)
    with Image.open(tmp_path / "a.jpg") as image:
        image.load()

    assert open_photo(image).image == open_photo(DATA).image


def test_info_of_a_pil_image_that_is_not_a_profile() -> None:
    image = Image.new("RGB", (4, 4))
    image.info["icc_profile"] = "sRGB"

    assert open_photo(image).icc_profile is None
