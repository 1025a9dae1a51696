"""Switch off ONNX Runtime's telemetry, on import.

ONNX Runtime 1.31 and later write a device id and usage events to the user's home and try to send them. They read this
variable once, when onnxruntime is first imported, so disable_telemetry_events() comes too late.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
