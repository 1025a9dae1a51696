"""What to export: formats, the export spec, the source network, calibration pictures."""
