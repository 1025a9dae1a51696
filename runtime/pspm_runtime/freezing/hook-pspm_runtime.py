"""What PyInstaller cannot see by itself: the weights, modules that are imported by name, metadata, entry points."""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules, copy_metadata

datas = collect_data_files("pspm_runtime")
for package in ("pspm", "numpy", "onnxruntime", "pillow", "isal"):
    datas += copy_metadata(package)

hiddenimports = [
    # The functions import engines and stages when they are used, and the entry points name `pspm_runtime.spec`.
    *collect_submodules("pspm_runtime", filter=lambda name: not name.startswith("pspm_runtime.freezing")),
    # Imported by C code.
    "isal.igzip_lib",
]

# Nothing of the runtime needs them. onnxruntime has tools that would pull them in where they are installed.
excludedimports = ["torch", "pspm.networks", "pspm_export", "matplotlib", "IPython"]
