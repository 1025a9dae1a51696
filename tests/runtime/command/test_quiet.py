import subprocess
import sys
from pathlib import Path

from PIL import Image

from tests.runtime.pictures import encoded, noise


def test_warnings_of_decoders_do_not_reach_standard_error(tmp_path: Path) -> None:
    """A damaged strip makes libtiff print, and a cut directory makes Pillow warn."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for kind in ("tiff_lzw", "tiff_deflate"):
        data = bytearray(encoded(Image.fromarray(noise(40, 40)), "TIFF", compression=kind))
        for place in range(200, len(data), 97):
            data[place] ^= 0x55
        (folder / f"{kind}.tif").write_bytes(data)
    cut = encoded(Image.fromarray(noise(40, 40)), "TIFF")
    (folder / "cut.tif").write_bytes(cut[:-4])
    command = [sys.executable, "-m", "pspm_runtime.command.cli", "alpha", folder, "-o", tmp_path / "out"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    lines = [line for line in done.stderr.replace("\r", "\n").splitlines() if line.strip()]
    strange = [line for line in lines if not line.startswith("pspm: ") and "photo" not in line]
    assert not strange
    assert "libtiff" not in done.stderr
    assert "Warning" not in done.stderr
