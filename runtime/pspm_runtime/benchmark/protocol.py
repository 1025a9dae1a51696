"""How frames are measured, the same in Python and in the apps, so that their results can be compared.

docs/benchmark.md explains it. The apps have these numbers in `BenchmarkProtocol.kt`, `BenchmarkProtocol.swift` and
`protocol.ts`; a test compares them.
"""

from typing import Literal

EffectName = Literal["none", "colour", "blur"]

# none: the matte of the frame at its size. colour and blur: the frame with another background.
EFFECTS: tuple[EffectName, ...] = ("none", "colour", "blur")
# The sample portrait, scaled to cover a frame of this width and height, and cropped around its centre.
CONTENT = "sample"
FRAME = (1280, 720)
COLOUR = (0, 160, 80)
BLUR_STRENGTH = 0.5

WARM_UP = 10
ROUNDS = 100
# Of fewer rounds the 99th percentile is little more than the largest time.
P99_FROM = 100
PACED_FPS = 30
PACED_SECONDS = 5
SUSTAINED_SECONDS = 60
