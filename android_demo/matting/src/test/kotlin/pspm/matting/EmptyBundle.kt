package pspm.matting

import java.nio.ByteBuffer

/** A bundle without a model, for fake networks whose view has [side] x [side] pixels. */
fun emptyBundle(side: Int): Bundle = emptyBundle(InputSize(side, side, side))

/** A bundle without a model, with a size rule. Its network sees the values 0 to 255. */
fun emptyBundle(size: InputSize): Bundle =
    Bundle("test", "fp32", "", size, FloatArray(3), FloatArray(3) { 1 / 255f }, "", ByteBuffer.allocate(0))
