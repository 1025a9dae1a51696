"""Measure a service against its targets."""

import asyncio
import io
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from PIL import Image
from pspm_runtime.files.sample import sample_photo

from tests.scale.callers import attack, call
from tests.scale.process import serving

FAST = "/cutout?quality=fast"


@dataclass(frozen=True)
class Figure:
    """A figure and its target: at most `most`, or at least `least`."""

    what: str
    value: float
    most: float = float("inf")
    least: float = 0
    detail: str = ""

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        return self.least <= self.value <= self.most

    def __str__(self) -> str:
        target = f"at most {self.most:g}" if self.most < float("inf") else f"at least {self.least:g}"
        return f"{'ok  ' if self.holds else 'MISS'} {self.what}: {self.value:.3f} ({target}){self.detail}"


def sample(megapixels: float) -> bytes:
    """The sample photo at a size, as a JPEG."""
    with Image.open(sample_photo()) as image:
        scale = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
        size = round(image.width * scale), round(image.height * scale)
        buffer = io.BytesIO()
        image.resize(size, Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def under_load(clients: int, seconds: float, megapixels: float) -> list[Figure]:
    """Many callers against one: memory, refusals, and the processor's time of a photo against a plain loop."""
    photo = sample(megapixels)
    with TemporaryDirectory() as folder:
        path = Path(folder, "photo.jpg")
        path.write_bytes(photo)
        with serving() as service:
            asyncio.run(call(service.port, 1, photo, photos=3))
            service.forget_peak()
            alone = asyncio.run(call(service.port, 1, photo, seconds=seconds))
            peak_alone = service.peak
            before = _plain(path, len(alone.photos))
            service.forget_peak()
            used, loop = service.seconds, service.seconds_of_the_loop
            many = asyncio.run(call(service.port, clients, photo, seconds=seconds))
            used, loop = service.seconds - used, service.seconds_of_the_loop - loop
            peak_many = service.peak
            after = _plain(path, len(alone.photos))
    plain, served = (before + after) / 2, used / len(many.photos)
    slowest = quantiles(many.refused, n=100)[98] if len(many.refused) > 1 else float("nan")
    assert not many.other + alone.other
    return [
        Figure(
            f"peak memory of {clients} callers to that of one",
            peak_many / peak_alone,
            most=1.3,
            detail=f": {peak_many / 1e6:.0f} and {peak_alone / 1e6:.0f} MB",
        ),
        Figure(
            "a refusal (p99) to a photo of one caller",
            slowest / median(alone.photos),
            most=0.1,
            detail=f": {1e3 * slowest:.1f} ms, median {1e3 * median(many.refused or [0]):.1f} ms, of "
            f"{len(many.refused)} refusals; a photo {1e3 * median(alone.photos):.0f} ms",
        ),
        Figure(
            "processor time of a refusal to that of a photo",
            loop / max(len(many.refused), 1) / served,
            most=0.1,
            detail=f": {1e3 * loop / max(len(many.refused), 1):.1f} ms, with all else that the answering thread did",
        ),
        Figure(
            "processor time of a photo in a plain loop to that in the service",
            plain / served,
            least=0.95,
            detail=f": {1e3 * plain:.0f} ({1e3 * before:.0f}, {1e3 * after:.0f}) and {1e3 * served:.0f} ms, "
            f"{len(many.photos)} photos",
        ),
    ]


def over_time(few: int, many: int) -> Figure:
    """Memory after many photos to that after a few."""
    photo = sample(0.02)
    with serving() as service:
        asyncio.run(call(service.port, 3, photo, photos=few, path=FAST))
        first = service.memory
        asyncio.run(call(service.port, 3, photo, photos=many - few, path=FAST))
        last = service.memory
    detail = f": {last / 1e6:.1f} and {first / 1e6:.1f} MB"
    return Figure(f"memory after {many} photos to that after {few}", last / first, most=1.05, detail=detail)


def under_attack() -> list[Figure]:
    """Whether hostile callers leave the service answering."""
    with serving() as service:
        told = asyncio.run(attack(service.port, sample(0.02)))
    return [Figure(f"a photo after {what}", float(status == "answered"), least=1) for what, status in told.items()]


def _plain(path: Path, count: int) -> float:
    command = [sys.executable, "-m", "tests.scale.plain_loop", str(path), str(max(count, 3))]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
