package pspm.matting.pictures

/**
 * A picture of [width] x [height] packed pixels: straight (not premultiplied) ARGB, row by row, as `Bitmap.getPixels`
 * returns them.
 */
public class Photo(public val width: Int, public val height: Int, public val pixels: IntArray) {
    init {
        require(width > 0 && height > 0 && pixels.size == width * height) {
            "a photo of $width x $height pixels needs width * height values, not ${pixels.size}"
        }
    }

    /** The picture's own alpha, or null if the picture is opaque. */
    public fun transparency(): Matte? {
        if (pixels.all { it ushr 24 == 255 }) return null
        return Matte(width, height, ByteArray(pixels.size) { (pixels[it] ushr 24).toByte() })
    }
}

/** A matte of [width] x [height] pixels: one unsigned byte each, from 0 (background) to 255 (person). */
public class Matte(public val width: Int, public val height: Int, public val values: ByteArray) {
    init {
        require(width > 0 && height > 0 && values.size == width * height) {
            "a matte of $width x $height pixels needs width * height values, not ${values.size}"
        }
    }

    /** The value of one pixel, 0 to 255. */
    public operator fun get(index: Int): Int = values[index].toInt() and 255
}
