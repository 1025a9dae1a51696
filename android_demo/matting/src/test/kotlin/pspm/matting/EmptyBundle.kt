package pspm.matting

import java.nio.ByteBuffer

/** A bundle without a model, for fake networks whose view has [side] x [side] pixels. */
fun emptyBundle(side: Int): Bundle {
    val size = InputSize(side, side, side)
    return Bundle("test", "fp32", "", size, FloatArray(3), FloatArray(3) { 1 / 255f }, "", ByteBuffer.allocate(0))
}
