"""The report of `pspm bench`: speed, memory and size on this machine, and what they depend on.

The JSON follows `bench.schema.json`, as the demo apps' does; `compare` reads both.
"""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from pspm_runtime.benchmark.cpu_stages import cpu_stages
from pspm_runtime.benchmark.device import device as this_device
from pspm_runtime.benchmark.device import packages
from pspm_runtime.benchmark.footprint import install_mb, peak_mb, start_up_s
from pspm_runtime.benchmark.frames import measure_frames
from pspm_runtime.benchmark.protocol import CONTENT, FRAME, ROUNDS
from pspm_runtime.bundle import open_bundle
from pspm_runtime.engines.devices import Device
from pspm_runtime.errors import PspmError
from pspm_runtime.files.sample import synthetic_jpeg
from pspm_runtime.looks.quality import DEFAULT_QUALITY, Quality
from pspm_runtime.model import Model
from pspm_runtime.package_files import installed_version
from pspm_runtime.tables import aligned_table

LARGE_MEGAPIXELS = 100
PERCENTILES = ("mean", "p50", "p90", "p99")


def bench(
    model: str,
    threads: int | None,
    megapixels: float,
    rounds: int,
    quality: Quality = DEFAULT_QUALITY,
    frames: int = ROUNDS,
    sustained_s: float = 0,
    device: Device = "auto",
    *,
    as_json: bool,
) -> int:
    """Measure, print, and return the exit code."""
    if rounds < 1:
        raise PspmError(f"--rounds must be at least 1, not {rounds}")
    if frames < 1:
        raise PspmError(f"--frames must be at least 1, not {frames}")
    if not megapixels > 0:
        raise PspmError(f"--megapixels must be above 0, not {megapixels:g}")
    result = measure(model, threads, megapixels, rounds, quality, frames, sustained_s, device)
    print(json.dumps(result, indent=2) if as_json else _table(result))
    return 0


def measure(
    model: str,
    threads: int | None,
    megapixels: float,
    rounds: int,
    quality: Quality = DEFAULT_QUALITY,
    frames: int = ROUNDS,
    sustained_s: float = 0,
    device: Device = "auto",
) -> dict[str, Any]:
    """Measure everything; the result follows `bench.schema.json`.

    model: a shipped model or the folder of a bundle. megapixels: of the test photo, a JPEG.
    quality: of its matte; a frame always gets the fast one. frames: rounds of each effect of a frame.
    sustained_s: how long each effect then goes on without a pause. device: what runs the network.
    Raises PspmError in a frozen program and without the package's metadata.
    """
    if getattr(sys, "frozen", False) or installed_version("pspm") == "unknown":
        raise PspmError("pspm bench measures an installed PSPM; install it with pip, and run the command there")
    if open_bundle(model).takes_trimap:
        raise PspmError(f"{model} needs a trimap, and pspm bench has none; choose a model without, such as mobile")
    # Frames come first: loading is only slow the first time.
    runs = measure_frames(model, threads, frames, sustained_s, device)
    bundle, loaded, jpeg = (
        open_bundle(model),
        Model(model, threads, quality=quality, device=device),
        synthetic_jpeg(megapixels),
    )
    width, height = FRAME
    return {
        "schema": 2,
        "pspm": installed_version("pspm"),
        "app": "python",
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "model": {"name": bundle.name, "sha256": bundle.sha256},
        "device": this_device(),
        "packages": packages(),
        "build": "release",
        "frame": {"width": width, "height": height, "content": CONTENT},
        "runs": runs,
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
    photo, runs = result["photo"], result["runs"]
    facts = {**result["device"], **result["packages"]}
    cpu = [
        [
            f"CPU ms of a photo, {photo['megapixels']:g} MP, {photo['quality']}, {photo['rounds']} rounds",
            "median",
            "max",
        ]
    ]
    cpu += [[f"  {name}", f"{t['median']:.0f}", f"{t['max']:.0f}"] for name, t in photo["cpu_ms"].items()]
    return "\n".join(
        [
            f"pspm {result['pspm']}, model {result['model']['name']}",
            *(f"  {key}: {value}" for key, value in facts.items() if key != "name"),
            f"  network threads: {runs[0]['threads'] or 'one per core'}",
            "",
            aligned_table(cpu),
            *(f"  {name}: {ratio:.2f} x decoding alone" for name, ratio in photo["times_decoding"].items()),
            "",
            f"loading the network: {runs[0]['load_ms']:.0f} ms; the first frame: {runs[0]['first_frame_ms']:.0f} ms",
            "",
            *(line for run in runs for line in _frame_lines(run, result["frame"])),
            *(
                f"peak memory of a cut-out at {megapixels} MP: {f'{peak:.0f} MB' if peak else 'unknown'}"
                for megapixels, peak in photo["peak_mb"].items()
            ),
            *(f"{name}: {seconds:.2f} s" for name, seconds in result["start_s"].items()),
            f"plain install with all requirements: {result['install_mb']:.0f} MB",
        ]
    )


def _frame_lines(run: dict[str, Any], frame: dict[str, Any]) -> list[str]:
    """One effect of a frame: a table of its stages, and its rates."""
    head = f"ms of a frame, {frame['width']} x {frame['height']}, effect {run['effect']}, {run['rounds']} rounds"
    keys = [key for key in PERCENTILES if key in run["stages_ms"]["total"]]
    rows = [[head, *keys]]
    rows += [[f"  {name}", *(f"{times[key]:.1f}" for key in keys)] for name, times in run["stages_ms"].items()]
    paced = run["paced"]
    lines = [
        aligned_table(rows),
        f"  {run['fps']:.1f} frames per second back to back; of {paced['fps']:g} a second, "
        f"{paced['frames'] / paced['seconds']:.1f} are shown",
    ]
    if "sustained" in run:
        sustained = run["sustained"]
        tenths = ", ".join(f"{fps:.1f}" for fps in sustained["fps_tenths"])
        lines.append(
            f"  {sustained['fps']:.1f} frames per second for {sustained['seconds']:.0f} s; by tenths: {tenths}"
        )
    return [*lines, ""]
