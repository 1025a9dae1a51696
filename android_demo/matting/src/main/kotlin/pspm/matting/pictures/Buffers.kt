package pspm.matting.pictures

import java.nio.Buffer

// Call rewind and position of Buffer, which exist in every Android version. ByteBuffer and FloatBuffer override them since
// Android 14; code compiled against these overrides fails on older versions.

/** Go back to the first element. */
internal fun Buffer.toStart() {
    rewind()
}

/** Go to the element [index]. */
internal fun Buffer.goTo(index: Int) {
    position(index)
}
