"""The portrait that ships with the package: NASA's photograph of Eileen Collins, public domain."""

from importlib.resources import files
from pathlib import Path


def sample_photo() -> Path:
    """Path of the sample portrait, a JPEG."""
    return Path(str(files("pspm_runtime"))) / "sample/astronaut.jpg"
