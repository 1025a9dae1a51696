"""Measure jobs of many rows without their network: python -m tests.scale.jobs. Part of `make scale-test`."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.scale.measure import Figure

# A job in a process of its own, in which every photo is done at once. It prints CPU seconds and peak megabytes.
PROGRAM = """
import sys, time
from pspm_runtime.command.job import run
from pspm_runtime.command.job.item import Delivered
from pspm_runtime.files import photo

def at_once(items, delivery, processes):
    for item in items:
        yield item, Delivered(0, 1)

def opened(*_):
    raise AssertionError("a photo was opened")

run.outcomes, photo.from_path = at_once, opened
from pspm_runtime.command.cli import main
code = main(sys.argv[1:])
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(time.process_time(), int(peak) / 1024)
sys.exit(code)
"""


def run_job(*arguments: str) -> tuple[float, float]:
    """CPU seconds and peak megabytes of a job."""
    command = [sys.executable, "-c", PROGRAM, "batch", *arguments, "--effect", "alpha", "--quiet"]
    cpu, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(cpu), float(peak)


def make_files(folder: Path, count: int) -> Path:
    """Empty photos, a thousand in a folder."""
    for i in range(count):
        if i % 1000 == 0:
            (folder / f"{i // 1000:04d}").mkdir(parents=True)
        (folder / f"{i // 1000:04d}" / f"{i:07d}.jpg").touch()
    return folder


def long_jobs(few: int, many: int) -> list[Figure]:
    """Memory of a job over few and many photos, and the time to resume the second one when it is finished."""
    with tempfile.TemporaryDirectory() as place:
        folders = [make_files(Path(place, f"in-{count}"), count) for count in (few, many)]
        (_, small), (first, large) = (run_job(str(folder), "-o", f"{folder}-out") for folder in folders)
        begun = time.perf_counter()
        again, peak = run_job(str(folders[1]), "-o", f"{folders[1]}-out")
        seconds = time.perf_counter() - begun
    return [
        Figure(
            f"memory of a job of {many:,} photos to that of {few:,}",
            large / small,
            most=1.05,
            detail=f", {large:.0f} MB",
        ),
        Figure(
            f"CPU seconds to resume a finished job of {many:,} photos",
            again,
            most=10,
            detail=f", {seconds:.1f} s by the clock, {peak:.0f} MB; the first run took {first:.1f} s",
        ),
    ]


def long_lists(few: int, many: int) -> list[Figure]:
    """CPU time to plan a list of many names to that of few, by the number of names."""
    with tempfile.TemporaryDirectory() as place:
        seconds = []
        for count in (few, many):
            listed = Path(place, f"{count}.txt")
            with listed.open("w") as file:
                file.writelines(f"{i // 1000:04d}/{i:07d}.jpg\n" for i in range(count))
            seconds.append(run_job(str(listed), "-o", f"{place}/{count}-out", "--shard", "1/1000000")[0])
    return [
        Figure(
            f"CPU time to plan {many:,} names to that of {few:,}, by name",
            seconds[1] / seconds[0] / (many / few),
            most=1.05,
            detail=f", {seconds[1]:.1f} s",
        )
    ]


def main() -> int:
    """Run the measurements; the exit code is 1 if a target is missed."""
    figures = [*long_jobs(1000, 100_000), *long_lists(100_000, 1_000_000)]
    for figure in figures:
        print(figure, flush=True)
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
