import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from PIL import Image
from pspm_runtime import PhotoError, open_photo

from tests.runtime.pictures import assert_one_sentence, encoded, gradient, png

RARE = ["ICO", "ICNS", "EPS", "PCX", "SGI", "DDS", "IM", "MSP", "XBM", "SPIDER", "BLP"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "JPEG2000", "PPM", "TGA"])
def test_formats_of_photos_are_read(kind: str) -> None:
    assert open_photo(encoded(Image.fromarray(gradient(64, 48)), kind)).image.size == (64, 48)


@pytest.mark.parametrize("kind", RARE)
def test_formats_that_photos_do_not_have_are_refused(kind: str, tmp_path: Path) -> None:
    mode = {"MSP": "1", "XBM": "1", "SPIDER": "F", "BLP": "P"}.get(kind, "RGB")
    (tmp_path / "photo.jpg").write_bytes(encoded(Image.fromarray(gradient(64, 64)).convert(mode), kind))
    with pytest.raises(PhotoError) as caught:
        open_photo(tmp_path / "photo.jpg")
    assert_one_sentence(caught.value, "photo.jpg", "not a picture in a format that can be read")


def icon(picture: bytes) -> bytes:
    header = b"\0\0\1\0\1\0" + bytes([16, 16, 0, 0, 1, 0, 32, 0])
    return header + len(picture).to_bytes(4, "little") + (22).to_bytes(4, "little") + picture


def apple_icon(picture: bytes) -> bytes:
    block = b"ic10" + (len(picture) + 8).to_bytes(4, "big") + picture
    return b"icns" + (len(block) + 8).to_bytes(4, "big") + block


@pytest.mark.parametrize("container", [icon, apple_icon])
def test_pictures_within_pictures_are_refused_by_the_header(container: object) -> None:
    assert callable(container)
    with pytest.raises(PhotoError, match="not a picture"):
        open_photo(container(png(30_000, 30_000, 8, 2, b"")))


def test_postscript_named_jpg_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "check_call", lambda *_, **__: pytest.fail("Ghostscript was started"))
    (tmp_path / "a.jpg").write_bytes(
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n%%EndComments\n(evil) print\n%%EOF\n"
    )
    with pytest.raises(PhotoError, match="not a picture"):
        open_photo(tmp_path / "a.jpg")


@pytest.mark.parametrize("size", [(1, 100_000_000), (100_000_000, 1), (300_001, 2)])
def test_sides_are_limited(size: tuple[int, int]) -> None:
    with pytest.raises(PhotoError) as caught:
        open_photo(png(*size, 1, 0, b""))
    assert_one_sentence(caught.value, f"{size[0]} x {size[1]} pixels", "crop it")


def test_wide_grey_takes_no_more_memory_than_8_bit_grey(tmp_path: Path) -> None:
    program = """
        import resource, sys
        from pspm_runtime import open_photo
        open_photo(sys.argv[2])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        open_photo(sys.argv[1])
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    Image.new("L", (8, 8)).save(tmp_path / "small.png")
    used = []
    for mode in ("L", "I;16"):
        Image.new(mode, (5000, 4000)).save(tmp_path / "large.png")
        command = [sys.executable, "-c", textwrap.dedent(program), tmp_path / "large.png", tmp_path / "small.png"]
        used.append(int(subprocess.run(command, capture_output=True, check=True).stdout) * 1024 / 20e6)
    assert used[0] < 7
    assert used[1] < used[0] + 3, "bytes a pixel"


def test_a_slow_file_object_stops_no_other_photo() -> None:
    started, go_on = threading.Event(), threading.Event()
    data = encoded(Image.fromarray(gradient(8, 8)))

    class Slow:
        def read(self) -> bytes:
            started.set()
            assert go_on.wait(60)
            return b""

    def read_slowly() -> None:
        with pytest.raises(PhotoError, match="is empty"):
            open_photo(Slow())  # type: ignore[arg-type]

    thread = threading.Thread(target=read_slowly)
    thread.start()
    assert started.wait(60)
    other = threading.Thread(target=open_photo, args=(data,), daemon=True)
    other.start()
    other.join(30)
    finished = not other.is_alive()
    go_on.set()
    thread.join()
    assert finished


def test_decoding_leaves_the_state_of_pillow_alone() -> None:
    limit = Image.MAX_IMAGE_PIXELS
    seen = []

    class Watching:
        def __init__(self) -> None:
            self.data = encoded(Image.fromarray(gradient(8, 8)))

        def read(self) -> bytes:
            seen.append(Image.MAX_IMAGE_PIXELS)
            data, self.data = self.data, b""
            return data

    open_photo(Watching())  # type: ignore[arg-type]

    assert set(seen) == {limit}


def test_whatever_a_decoder_raises_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import BmpImagePlugin

    data = encoded(Image.fromarray(gradient(8, 8)), "BMP")
    for error in (TypeError("a\nb"), KeyError(7), Image.DecompressionBombError("large"), ZeroDivisionError()):

        def fail(*_: object, error: Exception = error) -> None:
            raise error

        for step in ("_open", "load"):
            with monkeypatch.context() as patch:
                patch.setattr(BmpImagePlugin.BmpImageFile, step, fail)
                with pytest.raises(PhotoError) as caught:
                    open_photo(data)
            assert_one_sentence(caught.value, "the bytes given", "damaged", "choose another copy")
