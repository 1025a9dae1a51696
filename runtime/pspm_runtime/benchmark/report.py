"""Speed, memory and size on this machine, measured and stated with everything that they depend on.

The JSON obeys `bench.schema.json`, as that of the demo apps does; `compare` reads both.
"""

import io
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import distribution, requires, version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image

from pspm_runtime.benchmark.frames import FRAME, measure_frames
from pspm_runtime.bundle import open_bundle
from pspm_runtime.errors import PspmError
from pspm_runtime.files.sample import sample_photo
from pspm_runtime.files.save import encode_png
from pspm_runtime.model import Model
from pspm_runtime.stages.compose import cut_out
from pspm_runtime.stages.refine import refine

LARGE_MEGAPIXELS = 100
FRAMES = 30
STARTS = 5
PACKAGES = ("pspm", "pspm_runtime", "pspm_export")


def synthetic_jpeg(megapixels: float) -> bytes:
    """The sample portrait as an upright 3:4 JPEG of so many megapixels, with the grain of a real one."""
    height = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    width = round(height * 3 / 4)
    with Image.open(sample_photo()) as sample:
        side = sample.width
        image = sample.resize((width, height), Image.Resampling.BICUBIC, box=(side / 8, 0, side * 7 / 8, side))
    grain = np.random.default_rng(0).normal(0, 3, (512, 512))
    tiled = np.tile(grain.astype(np.int8), (-(-height // 512), -(-width // 512)))[:height, :width, None]
    pixels = np.asarray(image)
    noisy = np.empty_like(pixels)
    for y in range(0, height, 512):
        rows = slice(y, y + 512)
        noisy[rows] = np.clip(pixels[rows].astype(np.int16) + tiled[rows], 0, 255)
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def bench(model: str, threads: int | None, megapixels: float, rounds: int, *, as_json: bool) -> int:
    """Measure, print, and return the exit code."""
    if rounds < 1 or megapixels <= 0:
        raise PspmError("a benchmark needs at least one round and a photo of some size")
    bundle, jpeg = open_bundle(model), synthetic_jpeg(megapixels)
    loaded = Model(bundle.model.parent, threads)
    width, height = FRAME
    result = {
        "schema": 1,
        "pspm": version("pspm"),
        "app": "python",
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "model": {"name": bundle.name, "sha256": bundle.sha256},
        "device": device(),
        "packages": packages(),
        "frame": {"width": width, "height": height},
        "runs": [measure_frames(loaded, bundle, loaded.open(jpeg).image, threads, FRAMES)],
        "photo": {
            "megapixels": megapixels,
            "rounds": rounds,
            "cpu_ms": stages(loaded, jpeg, rounds),
            "peak_mb": {str(round(mp)): peak_mb(model, mp) for mp in (megapixels, LARGE_MEGAPIXELS)},
        },
        "start_s": {
            "import pspm": start_s("-c", "import pspm"),
            "pspm --help": start_s("-m", "pspm_runtime.command.cli", "--help"),
        },
        "install_mb": install_mb(),
    }
    print(json.dumps(result, indent=2) if as_json else _table(result))
    return 0


def device() -> dict[str, Any]:
    """This machine. Its name is its processor's: the one that it has in its network is nobody's business."""
    return {
        "name": _processor(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
    }


def packages() -> dict[str, str]:
    """The versions of what does the work."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "pillow", "onnxruntime", "isal")},
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def stages(model: Model, jpeg: bytes, rounds: int) -> dict[str, dict[str, float]]:
    """CPU milliseconds of all threads for each step of a photo's way, median and largest of the rounds."""
    times: dict[str, list[float]] = {}
    for _ in range(rounds + 1):
        with _timed(times, "decode the JPEG"):
            photo = model.open(jpeg)
        with _timed(times, "resize for the network"):
            view = model.network_view(photo)
        with _timed(times, "network"):
            small = model.engine.alpha(np.asarray(view))
        with _timed(times, "matte at full size"):
            alpha = refine(small, view, photo.image)
        with _timed(times, "encode the matte as PNG"):
            encode_png(alpha)
        with _timed(times, "foreground and cut-out"):
            cutout = cut_out(photo, alpha)
        with _timed(times, "encode the cut-out as PNG"):
            encode_png(cutout)
    kept = {name: series[1:] for name, series in times.items()}
    to_matte = ["decode the JPEG", "resize for the network", "matte at full size", "encode the matte as PNG"]
    to_cutout = [*to_matte[:3], "foreground and cut-out", "encode the cut-out as PNG"]
    for total, parts in (("JPEG to matte, no network", to_matte), ("JPEG to cut-out, no network", to_cutout)):
        kept[total] = [sum(values) for values in zip(*(kept[part] for part in parts), strict=True)]
    return {name: {"median": median(series), "max": max(series)} for name, series in kept.items()}


@contextmanager
def _timed(times: dict[str, list[float]], name: str) -> Iterator[None]:
    start = time.process_time()
    yield
    times.setdefault(name, []).append((time.process_time() - start) * 1e3)


def peak_mb(model: str, megapixels: float) -> float | None:
    """Peak memory of a process of its own that cuts a JPEG of this size out, network included; None on Windows."""
    if sys.platform == "win32":
        return None
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", _CUT_OUT, model], input=synthetic_jpeg(megapixels), capture_output=True, check=True
    )
    return float(done.stdout)


# On Linux the kernel's own mark is read: what getrusage says includes the process that started this one.
_CUT_OUT = """
import resource, sys
from pathlib import Path
import pspm_runtime
from pspm_runtime.files.sample import sample_photo
from pspm_runtime.files.save import encode_png
encode_png(pspm_runtime.load(sys.argv[1]).cut_out(sys.stdin.buffer.read()))
status = Path("/proc/self/status")
if status.exists():
    mark = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    print(int(mark.split()[1]) * 1024 / 1e6)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
"""


def start_s(*arguments: str) -> float:
    """Median seconds for a fresh Python to run these arguments."""
    series = []
    for _ in range(STARTS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)  # noqa: S603 - our own program
        series.append(time.perf_counter() - start)
    return median(series)


def install_mb() -> float:
    """Megabytes of a plain install: our packages, weights included, and everything that they require."""
    ours = [p for name in PACKAGES for p in _package(name).rglob("*") if p.is_file() and p.suffix != ".pyc"]
    theirs = [
        Path(str(file.locate())) for name in _requirements("pspm", set()) for file in distribution(name).files or []
    ]
    return sum(path.stat().st_size for path in {*ours, *theirs} if path.exists()) / 1e6


def _package(name: str) -> Path:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else Path(os.devnull)


def _requirements(name: str, seen: set[str]) -> set[str]:
    """Names of all distributions that one requires, directly or not, extras left out."""
    from packaging.requirements import Requirement

    for line in requires(name) or []:
        requirement = Requirement(line)
        if requirement.name not in seen and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            seen.add(requirement.name)
            _requirements(requirement.name, seen)
    return seen


def _table(result: dict[str, Any]) -> str:
    photo, (frames,) = result["photo"], result["runs"]
    lines = [f"pspm {result['pspm']}, model {result['model']['name']}"]
    facts = {**result["device"], **result["packages"]}
    lines += [f"  {key}: {value}" for key, value in facts.items() if key != "name"]
    lines.append(f"  network threads: {frames['threads'] or 'one a core'}")
    lines.append(f"\nCPU ms of a photo, {photo['megapixels']:g} MP, {photo['rounds']} rounds{'median':>6}{'max':>9}")
    lines += [f"  {name:<34}{t['median']:>8.0f}{t['max']:>9.0f}" for name, t in photo["cpu_ms"].items()]
    frame = f"{result['frame']['width']} x {result['frame']['height']}"
    lines.append(f"\nms of a frame, {frame}, {frames['rounds']} rounds{'mean':>12}{'p50':>9}{'p90':>9}{'p99':>9}")
    for name, t in frames["stages_ms"].items():
        lines.append(f"  {name:<34}{t['mean']:>8.0f}{t['p50']:>9.0f}{t['p90']:>9.0f}{t['p99']:>9.0f}")
    lines.append(f"  {frames['fps']:.1f} frames per second\n")
    for megapixels, peak in photo["peak_mb"].items():
        lines.append(
            f"peak memory of a cut-out at {megapixels} MP: " + (f"{peak:.0f} MB" if peak else "not known here")
        )
    lines += [f"{name}: {seconds:.2f} s" for name, seconds in result["start_s"].items()]
    lines.append(f"plain install with all it requires: {result['install_mb']:.0f} MB")
    return "\n".join(lines)
