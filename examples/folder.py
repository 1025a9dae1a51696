"""Cut the people out of every photo in a folder, two photos at a time.

python examples/folder.py photos/ out/
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pspm

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def main(photos: Path, out: Path) -> int:
    """Write a PNG for each photo to `out`, and return how many photos failed."""
    out.mkdir(parents=True, exist_ok=True)
    model = pspm.load(threads=1)  # one model, safe to call from several threads

    def cut_out(path: Path) -> str | None:
        try:
            model.cut_out(path).save(out / f"{path.name}.png")
        except pspm.PspmError as error:
            return str(error)
        return None

    paths = sorted(path for path in photos.iterdir() if path.suffix.lower() in SUFFIXES)
    with ThreadPoolExecutor(2) as pool:
        failures = [error for error in pool.map(cut_out, paths) if error]
    print(f"{len(paths) - len(failures)} of {len(paths)} photos done")
    for error in failures:
        print(f"failed: {error}")
    return len(failures)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(1 if main(Path(sys.argv[1]), Path(sys.argv[2])) else 0)
