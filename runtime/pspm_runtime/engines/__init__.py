"""Engines run a network: ONNX Runtime or LiteRT, behind one protocol."""
