"""The peak memory of each command stays within the table of docs/security.md, in bytes for each pixel of the photo.

Each command runs in a process of its own, with a network of one convolution. What it takes for a tiny photo is
subtracted.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pspm_runtime.bundle import DEFAULT_MODEL, MANIFEST, TRIMAP_MODEL, open_bundle

from tests.runtime.engines.test_onnx import save
from tests.runtime.pictures import gradient

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")]

PAGE = Path(__file__).parents[3] / "docs/security.md"
WIDTH, HEIGHT = 3000, 2000
OPTIONS = {
    "alpha": ["-o", "result.png"],
    "cutout": ["-o", "result.png"],
    "background": ["-o", "result.jpg", "--with", "#20a0ff"],
    "blur": ["-o", "result.jpg"],
    "alpha with --trimap": ["-o", "result.png", "--trimap", "trimap.png"],
}
PROGRAM = """
import sys
from pspm_runtime.command.cli import main
assert main(sys.argv[1:]) == 0
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def bounds() -> dict[str, dict[str, float]]:
    """The table: bytes for each pixel, by picture and command."""
    rows = [re.split(r" *\| *", line.strip("| \n")) for line in PAGE.read_text(encoding="utf-8").splitlines()]
    start = next(i for i, row in enumerate(rows) if row[0] == "bytes a pixel")
    commands = [cell.strip("`") for cell in rows[start][1:]]
    table = {}
    for row in rows[start + 2 :]:
        if len(row) != len(commands) + 1:
            break
        table[row[0]] = dict(zip(commands, map(float, row[1:]), strict=True))
    return table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture for each row of the table, a tiny one, a trimap and two bundles."""
    folder = tmp_path_factory.mktemp("memory")
    rgb = gradient(WIDTH, HEIGHT)
    rgba = np.dstack([rgb, np.maximum(rgb[..., 0], 1)])
    wide, wide_rgba = rgb.astype(np.uint16) * 257, rgba.astype(np.uint16) * 257
    fast = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    Image.fromarray(rgb).save(folder / "RGB, JPEG", "JPEG")
    Image.fromarray(rgb).save(folder / "RGB, PNG", "PNG", compress_level=1)
    Image.fromarray(rgba).save(folder / "RGBA, PNG", "PNG", compress_level=1)
    Image.fromarray(gradient(20, 300_000)).save(folder / "RGB, 20 x 300,000 pixels", "PNG", compress_level=1)
    for name, pixels in (("RGB, PNG", wide), ("RGBA, PNG", wide_rgba), ("grey, PNG", wide[..., 0])):
        (folder / f"{name}, 16 bits").write_bytes(cv2.imencode(".png", pixels, fast)[1].tobytes())
    Image.fromarray(wide[..., 0].copy()).save(folder / "grey, TIFF, 16 bits", "TIFF")
    # Small, but the network sees it in a view of full size.
    Image.fromarray(gradient(192, 160)).save(folder / "tiny", "PNG")
    for name, size in (("tiny", (192, 160)), ("trimap", (WIDTH, HEIGHT))):
        trimap = Image.new("L", size, 128)
        trimap.paste(0, (0, 0, size[0], size[1] // 8))
        trimap.save(folder / f"{name}.png")
    facts, with_tiles = (open_bundle(name).facts for name in (DEFAULT_MODEL, TRIMAP_MODEL))
    for name, weights in (("plain", (4.0, -4.0, 0.0)), ("trimaps", (4.0, -4.0, 0.0, 0.0))):
        (folder / name).mkdir()
        file = save(folder / name / "model.onnx", weights, 0.5)
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        manifest = (with_tiles if name == "trimaps" else facts) | {"file": file.name, "sha256": found, "format": "onnx"}
        (folder / name / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def peak(folder: Path, command: str, photo: str) -> int:
    """The most memory that a run of a command has, in bytes."""
    bundle = "trimaps" if "--trimap" in command else "plain"
    options = [("tiny.png" if (part, photo) == ("trimap.png", "tiny") else part) for part in OPTIONS[command]]
    if "300,000" in photo:
        options[1] = "result.png"  # a JPEG has at most 65,500 pixels a side
    arguments = [command.split()[0], photo, *options, "--model", bundle, "--threads", "1", "--force"]
    process = [sys.executable, "-c", PROGRAM, *arguments]
    return int(subprocess.run(process, cwd=folder, capture_output=True, check=True).stdout.split()[-1]) * 1024


@pytest.fixture(scope="module")
def least(folder: Path) -> dict[str, int]:
    """What each command takes for a tiny photo."""
    return {command: peak(folder, command, "tiny") for command in OPTIONS}


@pytest.mark.parametrize("picture", bounds())
def test_peak_memory_is_within_the_table(picture: str, folder: Path, least: dict[str, int]) -> None:
    with Image.open(folder / picture) as image:
        pixels = image.width * image.height
    taken = {}
    for command, most in bounds()[picture].items():
        if "--trimap" in command and "300,000" in picture:
            continue  # the trimap has the size of the others
        taken[command] = (peak(folder, command, picture) - least[command]) / pixels, most
    print(picture, {command: round(found, 1) for command, (found, _) in taken.items()})
    assert not {command: pair for command, pair in taken.items() if pair[0] > pair[1]}


def test_16_bits_take_no_more_than_8() -> None:
    table = bounds()
    wide = [name for name in table if "16 bits" in name]
    assert len(wide) == 4
    for name in wide:
        like = "RGBA, PNG" if "RGBA" in name else "RGB, PNG"
        assert all(table[name][command] <= most for command, most in table[like].items())
