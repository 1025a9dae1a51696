"""The report of `pspm bench`: speed, memory and size on this machine, and what they depend on.

The JSON follows `bench.schema.json`, as the demo apps' does; `compare` reads both.
"""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from pspm_runtime.benchmark.cpu_stages import cpu_stages
from pspm_runtime.benchmark.device import device, packages
from pspm_runtime.benchmark.footprint import install_mb, peak_mb, start_up_s
from pspm_runtime.benchmark.frames import FRAME, measure_frames
from pspm_runtime.bundle import open_bundle
from pspm_runtime.errors import PspmError
from pspm_runtime.files.sample import synthetic_jpeg
from pspm_runtime.looks.quality import DEFAULT_QUALITY, Quality
from pspm_runtime.model import Model
from pspm_runtime.package_files import installed_version
from pspm_runtime.tables import aligned_table

LARGE_MEGAPIXELS = 100
FRAMES = 30
PERCENTILES = ("mean", "p50", "p90", "p99")


def bench(
    model: str,
    threads: int | None,
    megapixels: float,
    rounds: int,
    quality: Quality = DEFAULT_QUALITY,
    *,
    as_json: bool,
) -> int:
    """Measure, print, and return the exit code."""
    if rounds < 1:
        raise PspmError(f"--rounds must be at least 1, not {rounds}")
    if not megapixels > 0:
        raise PspmError(f"--megapixels must be above 0, not {megapixels:g}")
    result = measure(model, threads, megapixels, rounds, quality)
    print(json.dumps(result, indent=2) if as_json else _table(result))
    return 0


def measure(
    model: str, threads: int | None, megapixels: float, rounds: int, quality: Quality = DEFAULT_QUALITY
) -> dict[str, Any]:
    """Measure everything; the result follows `bench.schema.json`.

    model: a shipped model or the folder of a bundle. megapixels: of the test photo, a JPEG.
    quality: of its matte; a frame always gets the fast one.
    Raises PspmError in a frozen program and without the package's metadata.
    """
    if getattr(sys, "frozen", False) or installed_version("pspm") == "unknown":
        raise PspmError("pspm bench measures an installed PSPM; install it with pip, and run the command there")
    if open_bundle(model).takes_trimap:
        raise PspmError(f"{model} needs a trimap, and pspm bench has none; choose a model without, such as mobile")
    bundle, loaded, jpeg = open_bundle(model), Model(model, threads, quality=quality), synthetic_jpeg(megapixels)
    width, height = FRAME
    return {
        "schema": 1,
        "pspm": installed_version("pspm"),
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
            "quality": loaded.quality,
            **cpu_stages(loaded, jpeg, rounds),
            "peak_mb": {str(round(mp)): peak_mb(model, mp, quality) for mp in (megapixels, LARGE_MEGAPIXELS)},
        },
        "start_s": start_up_s(),
        "install_mb": install_mb(),
    }


def _table(result: dict[str, Any]) -> str:
    photo, (frames,) = result["photo"], result["runs"]
    facts = {**result["device"], **result["packages"]}
    cpu = [
        [
            f"CPU ms of a photo, {photo['megapixels']:g} MP, {photo['quality']}, {photo['rounds']} rounds",
            "median",
            "max",
        ]
    ]
    cpu += [[f"  {name}", f"{t['median']:.0f}", f"{t['max']:.0f}"] for name, t in photo["cpu_ms"].items()]
    frame = f"{result['frame']['width']} x {result['frame']['height']}"
    wall = [[f"ms of a frame, {frame}, {frames['rounds']} rounds", *PERCENTILES]]
    wall += [[f"  {name}", *(f"{t[key]:.0f}" for key in PERCENTILES)] for name, t in frames["stages_ms"].items()]
    return "\n".join(
        [
            f"pspm {result['pspm']}, model {result['model']['name']}",
            *(f"  {key}: {value}" for key, value in facts.items() if key != "name"),
            f"  network threads: {frames['threads'] or 'one per core'}",
            "",
            aligned_table(cpu),
            *(f"  {name}: {ratio:.2f} x decoding alone" for name, ratio in photo["times_decoding"].items()),
            "",
            aligned_table(wall),
            f"  {frames['fps']:.1f} frames per second",
            "",
            *(
                f"peak memory of a cut-out at {megapixels} MP: {f'{peak:.0f} MB' if peak else 'unknown'}"
                for megapixels, peak in photo["peak_mb"].items()
            ),
            *(f"{name}: {seconds:.2f} s" for name, seconds in result["start_s"].items()),
            f"plain install with all requirements: {result['install_mb']:.0f} MB",
        ]
    )
