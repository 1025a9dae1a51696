"""Write ONNX files."""
