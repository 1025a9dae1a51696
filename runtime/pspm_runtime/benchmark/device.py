"""What a benchmark states about the machine and the installed packages."""

import os
import platform
from pathlib import Path
from typing import Any

from pspm_runtime.package_files import installed_version

PACKAGES = ("numpy", "pillow", "onnxruntime", "isal")


def device() -> dict[str, Any]:
    """Name, system, processor and number of cores. The name is the processor's, since hostnames are private."""
    return {
        "name": _processor(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
    }


def packages() -> dict[str, str]:
    """Versions of Python and of the packages that do the work."""
    return {"python": platform.python_version(), **{name: installed_version(name) for name in PACKAGES}}


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
