"""Every script of examples/ runs as its docstring says."""

import runpy
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.files.sample import sample_photo

from tests.docs.pages import ROOT

pytestmark = pytest.mark.slow

EXAMPLES = ROOT / "examples"


def run(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, EXAMPLES / script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_there_are_six_examples_and_each_has_a_test() -> None:
    tests = Path(__file__).read_text()
    scripts = sorted(path.name for path in EXAMPLES.glob("*.py"))

    assert scripts == [
        *("compare_mediapipe.py", "fine_tune.py", "folder.py", "photo.py", "trimap.py", "web_handler.py")
    ]
    assert all(f'"{script}"' in tests for script in scripts)


@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.py")), ids=lambda script: script.name)
def test_without_arguments_each_prints_how_it_is_used(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(script)])

    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(script), run_name="__main__")

    # Python prints a text to standard error, and exits with 1.
    command = "uv run" if script.read_text().startswith("# /// script") else "python"
    assert isinstance(stop.value.code, str)
    assert f"{command} examples/{script.name}" in stop.value.code


FAKE_MEDIAPIPE = """
from types import SimpleNamespace as N


class SelfieSegmentation:
    def __init__(self, model_selection):
        self.model = model_selection

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def process(self, image):
        # Bright red is a person; the landscape model is surer.
        return N(segmentation_mask=(image[..., 0] > 128) * (0.5 + 0.5 * self.model))


solutions = N(selfie_segmentation=N(SelfieSegmentation=SelfieSegmentation))
"""


def test_compare_mediapipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake/mediapipe.py").write_text(FAKE_MEDIAPIPE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "fake"))
    (tmp_path / "sets/people/image").mkdir(parents=True)
    Image.fromarray(np.array([[[200, 0, 0], [0, 200, 200]]], np.uint8)).save(tmp_path / "sets/people/image/a.png")

    for options, pictures, written, level in (
        ((), "sets", "people/a.png", 32768),
        (("--landscape",), "sets/people", "a.png", 65535),
    ):
        done = run("compare_mediapipe.py", tmp_path / pictures, tmp_path / "out", *options)

        assert (done.returncode, done.stdout) == (0, "1 masks written\n"), done.stderr
        with Image.open(tmp_path / "out" / written) as mask:
            assert np.asarray(mask).tolist() == [[level, 0]]
    assert "has no image/ with pictures" in run("compare_mediapipe.py", tmp_path / "out", tmp_path / "no").stderr


def test_photo(tmp_path: Path) -> None:
    done = run("photo.py", sample_photo(), EXAMPLES / "hubble.jpg", tmp_path / "out")

    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("alpha.png", "background.jpg", "blur.jpg", "cutout.png")
    ]
    with Image.open(tmp_path / "out/alpha.png") as alpha, Image.open(tmp_path / "out/cutout.png") as cutout:
        assert (np.asarray(cutout)[..., 3] == np.asarray(alpha)).all()


def test_photo_says_what_is_wrong(tmp_path: Path) -> None:
    done = run("photo.py", ROOT / "LICENSE", EXAMPLES / "hubble.jpg", tmp_path)

    assert done.returncode == 1
    assert done.stderr.startswith("photo.py: ")
    assert len(done.stderr.splitlines()) == 1


def test_folder(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "good.jpg").write_bytes(sample_photo().read_bytes())
    (photos / "bad.jpg").write_bytes(b"no photo")

    done = run("folder.py", photos, tmp_path / "out")

    assert done.returncode == 1
    assert done.stdout.startswith("1 of 2 photos done\nfailed: ")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.jpg.png"]


def test_web_handler() -> None:
    command = [sys.executable, EXAMPLES / "web_handler.py", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(address, sample_photo().read_bytes()) as answer:  # noqa: S310 - our own server
                assert answer.status == 200
                with Image.open(answer) as cutout:
                    assert (cutout.format, cutout.mode) == ("PNG", "RGBA")
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(address, b"no photo")  # noqa: S310
            with refused.value as answer:
                assert answer.code == 400
                assert len(answer.read().decode().splitlines()) == 1
        finally:
            server.terminate()
            deadline = time.monotonic() + 10
            while server.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)


def test_fine_tune(data: Path, tmp_path: Path) -> None:
    done = run("fine_tune.py", data, tmp_path / "run", tmp_path / "bundle", "--quick")

    assert done.returncode == 0, done.stderr
    assert f"wrote {tmp_path / 'bundle'}" in done.stdout
    assert sorted(path.name for path in (tmp_path / "bundle").iterdir()) == ["manifest.json", "model.onnx"]


def test_fine_tune_says_what_is_wrong(tmp_path: Path) -> None:
    done = run("fine_tune.py", tmp_path / "none", tmp_path / "run", tmp_path / "bundle", "--quick")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("fine_tune.py: ")
    assert not (tmp_path / "bundle").exists()


def test_trimap(tmp_path: Path) -> None:
    width, height = 96, 64
    photo, trimap = np.full((height, width, 3), 99, np.uint8), np.full((height, width), 128, np.uint8)
    trimap[:, :20], trimap[:, -20:] = 0, 255
    Image.fromarray(photo).save(tmp_path / "photo.png")
    Image.fromarray(trimap).save(tmp_path / "trimap.png")

    done = run("trimap.py", *(tmp_path / name for name in ("photo.png", "trimap.png", "alpha.png")))

    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "alpha.png") as alpha:
        assert (np.asarray(alpha)[:, :20] == 0).all()
        assert (np.asarray(alpha)[:, -20:] == 255).all()
