package pspm.matting

import java.nio.Buffer

// Through Buffer, whose methods every Android has: ByteBuffer and FloatBuffer got their own in Android 14, and a compiler
// that sees those would call them.

/** Go back to the first element. */
internal fun Buffer.toStart() {
    rewind()
}

/** Go to the element [index]. */
internal fun Buffer.goTo(index: Int) {
    position(index)
}
