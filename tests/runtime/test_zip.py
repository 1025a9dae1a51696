"""The packages imported from a zip: what is inside is used from there, and what is missing costs only itself."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pspm_command
import pspm_runtime
import pytest
from PIL import Image
from pspm_runtime.files.sample import sample_photo

import pspm

pytestmark = pytest.mark.slow

# The site folder holds the libraries, and the metadata and import hooks of the installed pspm, which must not help.
PROGRAM = """
import importlib.metadata, sys
sys.path.insert(0, sys.argv[1])
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in repr(finder).lower()]
found = importlib.metadata.version
def version(name):
    if name == "pspm":
        raise importlib.metadata.PackageNotFoundError(name)
    return found(name)
importlib.metadata.version = version
if "isal" in sys.argv[3:]:
    sys.modules["isal"] = None
import pspm_runtime
assert sys.argv[1] in pspm_runtime.__file__, pspm_runtime.__file__
print(pspm_runtime.__version__)
from pspm_runtime.bundle import shipped
print(*shipped())
from pspm_command import main
sys.argv[1:] = ["alpha", sys.argv[2], "-o", sys.argv[2] + ".png"]
sys.exit(main())
"""


def zipped(folder: Path, *, weights: bool = True) -> Path:
    path = folder / "pspm.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for package in (pspm, pspm_runtime, pspm_command):
            root = Path(str(package.__file__)).parent
            for file in root.rglob("*"):
                name = file.relative_to(root.parent)
                wanted = weights or "weights" not in name.parts
                if file.is_file() and wanted and "__pycache__" not in name.parts and "b5" not in str(name):
                    archive.write(file, str(name))
    return path


def run(archive: Path, *missing: str) -> "subprocess.CompletedProcess[str]":
    photo = archive.parent / "photo.jpg"
    photo.write_bytes(sample_photo().read_bytes())
    command = [sys.executable, "-c", PROGRAM, str(archive), str(photo), *missing]
    return subprocess.run(command, capture_output=True, text=True, cwd=archive.parent, check=False)


@pytest.mark.parametrize("missing", [(), ("isal",)])
def test_a_zip_with_its_weights_makes_the_same_matte(missing: tuple[str, ...], tmp_path: Path) -> None:
    done = run(zipped(tmp_path), *missing)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:2] == ["unknown", "mobile mobile-trimap"]
    with Image.open(tmp_path / "photo.jpg.png") as alpha:
        assert np.array_equal(np.asarray(alpha), np.rint(pspm.predict_alpha(sample_photo()) * 255))


def test_a_zip_without_weights_says_so(tmp_path: Path) -> None:
    done = run(zipped(tmp_path, weights=False))

    assert done.returncode == 1
    assert done.stderr.startswith("pspm: there is no model 'mobile'")
    assert done.stderr.count("\n") == 1
