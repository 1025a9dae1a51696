package pspm.matting

/**
 * A picture of [width] x [height] packed pixels, straight (not premultiplied) ARGB row by row, as
 * `Bitmap.getPixels` gives them.
 */
class Photo(val width: Int, val height: Int, val pixels: IntArray) {
    init {
        require(width > 0 && height > 0 && pixels.size == width * height) {
            "a photo of $width x $height pixels cannot have ${pixels.size} of them"
        }
    }

    /** The picture's own alpha where it is not opaque everywhere, else null. */
    fun transparency(): Matte? {
        if (pixels.all { it ushr 24 == 255 }) return null
        return Matte(width, height, ByteArray(pixels.size) { (pixels[it] ushr 24).toByte() })
    }
}

/** How much of each of [width] x [height] pixels is person: one unsigned byte each, 255 for all of it. */
class Matte(val width: Int, val height: Int, val values: ByteArray) {
    init {
        require(width > 0 && height > 0 && values.size == width * height) {
            "a matte of $width x $height pixels cannot have ${values.size} values"
        }
    }

    /** The value of one pixel, 0 to 255. */
    operator fun get(index: Int): Int = values[index].toInt() and 255
}
