"""Export trained networks to files that run without torch, and prove that they compute the same matte."""

import pspm_runtime  # noqa: F401 - switches off ONNX Runtime's telemetry before the exporters import it
