"""Interpret the program of a saved Core ML package (MIL) without Core ML, which exists only on Apple's systems.

The interpreter reads the package from disk: the program from the specification, the weights from weight.bin, and
compressed weights in the form in which the file stores them. It computes every operator in float32 and rounds the
result to the type that the file declares for it.

A result that agrees with torch shows that the file is right: its weights and their compression, its graph, its
paddings and scales, and the preprocessing of the image. It does not show what a phone computes. We follow our reading
of Apple's definition of MIL; Core ML's kernels, the arithmetic of GPU and Neural Engine (which may accumulate in half
precision where we do not) and all latencies can only be tested on a device.
"""
