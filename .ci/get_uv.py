"""Fetch the installer uv into a folder, with nothing but Python: `python3 get_uv.py FOLDER` makes FOLDER/bin/uv.

With pip it is asked for by pip. A fresh Debian has no pip: then the wheel comes straight from the package index and is
checked against the hash that the index states.
"""

import hashlib
import io
import platform
import re
import subprocess
import sys
import sysconfig
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

VERSION = "0.13.8"
INDEX = "https://pypi.org/simple/uv/"
WHEELS = {
    ("Linux", "x86_64"): "manylinux_2_17_x86_64",
    ("Linux", "aarch64"): "manylinux_2_17_aarch64",
    ("Darwin", "x86_64"): "macosx_10_12_x86_64",
    ("Darwin", "arm64"): "macosx_11_0_arm64",
}


def by_pip(folder: Path) -> bool:
    """Whether pip is there and did it."""
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode:
        return False
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-warn-script-location",
    ]
    return subprocess.run([*pip, "--target", str(folder), f"uv=={VERSION}"]).returncode == 0  # noqa: S603


def by_hand(folder: Path) -> None:
    """Download the wheel, which is a zip with the program in it."""
    tag = WHEELS.get((platform.system(), platform.machine()))
    if tag is None:
        sys.exit(f"there is no uv for {sysconfig.get_platform()}; install it as docs.astral.sh/uv says, and try again")
    with urllib.request.urlopen(INDEX) as answer:
        page = answer.read().decode()
    link = re.search(rf'href="([^"]*uv-{re.escape(VERSION)}-[^"]*{tag}[^"#]*\.whl)#sha256=([0-9a-f]{{64}})"', page)
    if link is None:
        sys.exit(
            f"the package index lists no uv {VERSION} for {tag}; install uv as docs.astral.sh/uv says, and try again"
        )
    with urllib.request.urlopen(urllib.parse.urljoin(INDEX, link[1])) as answer:  # noqa: S310 - the index's own address
        data = answer.read()
    if hashlib.sha256(data).hexdigest() != link[2]:
        sys.exit("uv arrived damaged; try again")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        program = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        target = folder / "bin/uv"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(archive.read(program))
        target.chmod(0o755)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    if not by_pip(place):
        by_hand(place)
