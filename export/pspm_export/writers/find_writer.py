"""Find the writer of a format."""

from pspm_runtime.extras import needs_extra

from pspm_export.plan.formats import Format
from pspm_export.writers.writer import Writer


def find_writer(row: Format) -> Writer:
    """The writer of a format; only its own converter is imported.

    Raises PspmError, which names the extra, if the converter is not installed.
    """
    with needs_extra("export"):
        if row.name == "onnx":
            from pspm_export.writers.onnx.writer import OnnxWriter

            return OnnxWriter()
        if row.name == "tflite":
            from pspm_export.writers.tflite.writer import TFLiteWriter

            return TFLiteWriter()
        if row.name == "coreml":
            from pspm_export.writers.coreml.writer import CoreMLWriter

            return CoreMLWriter()
    raise ValueError(row.name)
