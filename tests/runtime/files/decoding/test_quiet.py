"""Decoders print nothing where PSPM calls them, and as before everywhere else."""

import io
import threading
import warnings

import pytest
from PIL import Image
from pspm_runtime import PhotoError, open_photo
from pspm_runtime.files.decoding.quiet import quiet_decoders
from pspm_runtime.stages.trimap import open_trimap

from tests.runtime.pictures import encoded, noise


def damaged() -> bytes:
    """A TIFF whose strip libtiff cannot unpack, which it prints."""
    data = bytearray(encoded(Image.fromarray(noise(40, 40)), "TIFF", compression="tiff_lzw"))
    for place in range(200, len(data), 97):
        data[place] ^= 0x55
    return bytes(data)


def cut() -> bytes:
    """A TIFF with a directory that is cut short, of which Pillow warns."""
    return encoded(Image.fromarray(noise(40, 40)), "TIFF")[:-4]


def many_samples() -> bytes:
    """A TIFF with more samples than Pillow decodes, which it logs as an error."""
    data = encoded(Image.fromarray(noise(40, 40)), "TIFF")
    entry = data.index(b"\x15\x01\x03\x00\x01\x00\x00\x00")
    return data[: entry + 8] + b"\xff\x7f" + data[entry + 10 :]


@pytest.mark.parametrize("made", [damaged, cut, many_samples])
def test_nothing_is_printed_or_warned(made: object, capfd: pytest.CaptureFixture[str]) -> None:
    assert callable(made)
    data = made()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for read in (open_photo, lambda photo: open_photo(Image.open(io.BytesIO(photo)))):
            with pytest.raises(PhotoError):
                if read is not open_photo and made is not damaged:
                    raise PhotoError("Pillow warns the caller, who opens it")
                read(data)
        with pytest.raises(PhotoError):
            open_trimap(data, (40, 40), 1)
    assert [str(warning.message) for warning in seen] == []
    assert capfd.readouterr() == ("", "")


def test_other_callers_of_pillow_hear_of_their_damaged_files(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PhotoError):
        open_photo(damaged())

    with pytest.raises(OSError, match="decoder error"):
        Image.open(io.BytesIO(damaged())).load()

    assert capfd.readouterr().err != ""


def test_other_threads_warn_as_before() -> None:
    inside, done = threading.Event(), threading.Event()

    def stay() -> None:
        with quiet_decoders():
            inside.set()
            assert done.wait(60)
            warnings.warn("dropped", UserWarning, stacklevel=1)

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        thread = threading.Thread(target=stay)
        thread.start()
        assert inside.wait(60)
        warnings.warn("kept", UserWarning, stacklevel=1)
        done.set()
        thread.join()
        warnings.warn("kept, too", UserWarning, stacklevel=1)

    assert [str(warning.message) for warning in seen] == ["kept", "kept, too"]


def test_warnings_that_are_errors_are_no_errors_of_photos() -> None:
    data = encoded(Image.new("P", (8, 8)), transparency=bytes(range(256)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert open_photo(data).transparency is not None


def test_one_filter_is_added_and_nothing_else() -> None:
    with warnings.catch_warnings():
        warnings.resetwarnings()
        for _ in range(3):
            with quiet_decoders():
                pass
        assert len(warnings.filters) == 1
