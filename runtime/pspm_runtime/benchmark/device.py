"""What a benchmark states about the machine and the installed packages."""

import os
import platform
import sys
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


def memory_mb() -> float | None:
    """Peak memory of this process so far, in MB; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def thermal() -> str:
    """The hottest sensor that the system names, such as "61 C"; "unknown" if there is none."""
    degrees = [_number(path / "temp") for path in Path("/sys/class/thermal").glob("thermal_zone*")]
    known = [value / 1e3 for value in degrees if value is not None]
    return f"{max(known):.0f} C" if known else "unknown"


def power() -> str:
    """Whether the battery is used or charged, and its charge, such as "battery 80 %"; "unknown" without one."""
    for battery in Path("/sys/class/power_supply").glob("BAT*"):
        charge = _number(battery / "capacity")
        state = "battery" if _text(battery / "status") == "Discharging" else "charging"
        return state if charge is None else f"{state} {charge} %"
    return "unknown"


def _number(path: Path) -> int | None:
    try:
        return int(_text(path))
    except ValueError:
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
