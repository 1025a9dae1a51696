"""What a photo costs without a service: python -m tests.scale.plain_loop PHOTO COUNT prints processor seconds."""

import sys
import time
from pathlib import Path

from pspm_runtime.bundle import DEFAULT_MODEL
from pspm_runtime.command.batch.work import Work
from pspm_runtime.command.effect import Effect


def main(path: str, count: int) -> float:
    """Processor seconds of a photo, from its bytes to those of its cut-out."""
    work = Work(Effect("cutout", DEFAULT_MODEL, 1, 50), ".png").open()
    photo = Path(path).read_bytes()
    work(photo)
    started = time.process_time()
    for _ in range(count):
        work(photo)
    return (time.process_time() - started) / count


if __name__ == "__main__":
    print(main(sys.argv[1], int(sys.argv[2])))
