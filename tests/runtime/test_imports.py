import subprocess
import sys
from importlib.metadata import version
from importlib.resources import files

import pytest

pytestmark = pytest.mark.slow

HEAVY = ("torch", "onnxruntime", "onnx", "cv2", "av")
REPORT = f"import sys; print('loaded:', *(m for m in {HEAVY} if m in sys.modules))"
HELP = "from pspm_runtime.command.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"


@pytest.mark.parametrize("program", ["import pspm\n", "import pspm_runtime\n", HELP], ids=["pspm", "runtime", "help"])
def test_nothing_heavy_is_imported(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program + REPORT], capture_output=True, check=True, text=True)

    assert done.stdout.splitlines()[-1] == "loaded:"
    assert done.stderr == ""


def test_package_offers_what_the_runtime_does() -> None:
    import pspm_runtime

    import pspm

    assert pspm.__all__ == pspm_runtime.__all__
    for name in set(pspm.__all__) - {"__version__"}:
        assert getattr(pspm, name) is getattr(pspm_runtime, name)


def test_version() -> None:
    import pspm_runtime

    import pspm

    assert pspm.__version__ == pspm_runtime.__version__ == version("pspm")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        pspm.nothing  # noqa: B018


@pytest.mark.parametrize("package", ["pspm", "pspm_runtime", "pspm_export"])
def test_types_are_for_users_too(package: str) -> None:
    assert (files(package) / "py.typed").is_file()
