"""The layers that 8-bit files in ONNX and TFLite leave in float, all found on training pictures (docs/export.md).

Networks with a max pooling keep their stem in 8 bits: the maxima are compared with it, so both must be rounded alike.
"""

# Stages of the encoder: the stem, whose channels are too different for one range, and the inverted residuals of two
# more, likewise.
STEM = 0
STAGES = (1, 2)
# Layers of `mobile`'s MatDecoder. Rounding their features shifts the whole matte by up to a level, and which way
# depends on the calibration pictures.
DETAIL = ("pixels", "detail")
