"""Memory does not grow with the length of a film: ten minutes take what ten seconds take. One film is in 1080p.

`OMP_NUM_THREADS=1 pytest -s -m exhaustive tests/runtime/video/test_memory.py` prints the figures.
"""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.files.sample import sample_photo

from tests.runtime.video.clips import write_clip
from tests.runtime.video.segments.tiny_model import write_bundle

pytestmark = [pytest.mark.exhaustive, pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")]

RATE, SHORT, LONG = 3, 10, 600
MOST = 1.1
PROGRAM = """
import sys
from pspm_runtime import video

def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

def look(progress):
    if progress.frames == int(sys.argv[4]):
        print(peak(), flush=True)

video.process(sys.argv[1], sys.argv[2], background="#204060", model=sys.argv[3], resume=sys.argv[5] == "segments",
              progress=look)
print(peak())
"""


def still(number: int, size: tuple[int, int]) -> np.ndarray:
    width, height = size
    pixels = np.full((height, width, 3), (200, 0, 200), np.uint8)
    pixels[height // 4 :, width // 4 + number % 50 : width // 2 + number % 50] = (0, 200, 0)
    return pixels


@pytest.mark.parametrize("way", ["one piece", "segments"])
def test_ten_minutes_take_the_memory_of_ten_seconds(tmp_path: Path, way: str) -> None:
    film = write_clip(
        tmp_path / "in.mp4",
        range(RATE * LONG),
        size=(320, 180),
        sound="aac",
        draw=still,
        time_base=Fraction(1, RATE),
    )
    arguments = [str(film), str(tmp_path / "out.mp4"), str(write_bundle(tmp_path / "model")), str(RATE * SHORT), way]

    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, check=True)

    short, long = (int(line) / 1024 for line in done.stdout.split())
    print(f"\n{way}: {short:.0f} MB after {SHORT} s of film, {long:.0f} MB after {LONG} s, {long / short:.3f} times")
    assert long <= MOST * short


TRANSPARENT = """
import sys
from pspm_runtime.command.cli import main

assert main(["video", sys.argv[1], "-o", sys.argv[2], "--quiet"]) == 0
print(next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
MOST_MB = 500


def portrait(number: int, size: tuple[int, int]) -> np.ndarray:
    with Image.open(sample_photo()) as photo:
        width = round(1.2 * size[0])
        large = photo.convert("RGB").resize((width, round(photo.height * width / photo.width)))
    left, top = 4 * number, (large.height - size[1]) // 4
    return np.asarray(large.crop((left, top, left + size[0], top + size[1])))


def test_webm_with_transparency_at_1080p(tmp_path: Path) -> None:
    film = write_clip(tmp_path / "in.mp4", range(0, 40 * 24, 40), size=(1920, 1080), draw=portrait)
    arguments = [str(film), str(tmp_path / "out.webm")]

    done = subprocess.run([sys.executable, "-c", TRANSPARENT, *arguments], capture_output=True, check=True)

    peak = int(done.stdout) / 1024
    print(f"\n{peak:.0f} MB")
    assert peak < MOST_MB
