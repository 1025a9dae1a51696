package pspm.matting.pictures

import java.nio.ByteBuffer

/** Degrees, clockwise, by which a camera frame must be rotated to be upright on the display. */
public fun uprightRotation(sensorDegrees: Int, displayDegrees: Int, front: Boolean): Int =
    (if (front) sensorDegrees + displayDegrees else sensorDegrees - displayDegrees + 360) % 360

/**
 * A camera frame in YUV 4:2:0 of [width] x [height], both even, in full-range BT.601 as Android's cameras deliver it. The
 * planes are copied, so the camera gets its buffers back at once. [toUpright] converts them to pixels.
 */
public class YuvFrame(public val width: Int, public val height: Int) {
    private val luma = ByteArray(width * height)
    private val blue = ByteArray(width / 2 * (height / 2))
    private val red = ByteArray(width / 2 * (height / 2))
    private var row = ByteArray(0)

    init {
        require(width > 0 && height > 0 && width % 2 == 0 && height % 2 == 0) {
            "a frame of $width x $height pixels is not supported; both sides must be even"
        }
    }

    /** Copy the luma plane from [buffer]; [rowStride] in bytes. */
    public fun copyLuma(buffer: ByteBuffer, rowStride: Int): Unit = copy(buffer, rowStride, 1, luma, width, height)

    /** Copy the chroma planes Cb and Cr; [rowStride] and [pixelStride] in bytes. */
    public fun copyChroma(cb: ByteBuffer, cr: ByteBuffer, rowStride: Int, pixelStride: Int) {
        copy(cb, rowStride, pixelStride, blue, width / 2, height / 2)
        copy(cr, rowStride, pixelStride, red, width / 2, height / 2)
    }

    /** Fill the frame from a picture of the same size. Each Cb and Cr value is computed from the mean of four pixels. */
    public fun fill(photo: Photo) {
        require(photo.width == width && photo.height == height) {
            "the picture has ${photo.width} x ${photo.height} pixels, not the frame's $width x $height"
        }
        for (i in luma.indices) luma[i] = luma(photo.pixels[i]).toByte()
        for (i in blue.indices) {
            val at = i / (width / 2) * 2 * width + i % (width / 2) * 2
            val four = intArrayOf(at, at + 1, at + width, at + width + 1).map { photo.pixels[it] }
            val y = four.sumOf { luma(it) } / 4f
            blue[i] = chroma(four.sumOf { blue(it) } / 4f, y, 1.772f)
            red[i] = chroma(four.sumOf { red(it) } / 4f, y, 1.402f)
        }
    }

    /**
     * Write packed pixels to [result], rotated clockwise by [rotation] degrees (0, 90, 180 or 270) and then, if [mirror]
     * is set, flipped left to right.
     */
    public fun toUpright(rotation: Int, mirror: Boolean, result: IntArray) {
        val uprightWidth = if (rotation % 180 == 0) width else height
        val origin = place(0, 0, rotation, mirror, uprightWidth)
        val stepX = place(1, 0, rotation, mirror, uprightWidth) - origin
        val stepY = place(0, 1, rotation, mirror, uprightWidth) - origin
        for (y in 0 until height) {
            var at = origin + y * stepY
            val lumaRow = y * width
            val chromaRow = (y shr 1) * (width shr 1)
            // A for loop with a step would allocate an object for each row.
            var x = 0
            while (x < width) {
                val cb = (blue[chromaRow + (x shr 1)].toInt() and 255) - NEUTRAL
                val cr = (red[chromaRow + (x shr 1)].toInt() and 255) - NEUTRAL
                val r = CR_TO_RED * cr + HALF
                val g = CB_TO_GREEN * cb + CR_TO_GREEN * cr + HALF
                val b = CB_TO_BLUE * cb + HALF
                result[at] = pixel(luma[lumaRow + x], r, g, b)
                result[at + stepX] = pixel(luma[lumaRow + x + 1], r, g, b)
                at += 2 * stepX
                x += 2
            }
        }
    }

    private fun chroma(colour: Float, y: Float, range: Float): Byte =
        clampToByte(((colour - y) / range + NEUTRAL + 0.5f).toInt()).toByte()

    private fun pixel(luma: Byte, r: Int, g: Int, b: Int): Int {
        val y = luma.toInt() and 255 shl BITS
        return rgb(clampToByte(y + r shr BITS), clampToByte(y + g shr BITS), clampToByte(y + b shr BITS))
    }

    private fun place(x: Int, y: Int, rotation: Int, mirror: Boolean, uprightWidth: Int): Int {
        require(rotation in 0..270 && rotation % 90 == 0) { "rotation must be 0, 90, 180 or 270 degrees, not $rotation" }
        val column = when (rotation) {
            0 -> x
            90 -> height - 1 - y
            180 -> width - 1 - x
            else -> y
        }
        val line = when (rotation) {
            0 -> y
            90 -> x
            180 -> height - 1 - y
            else -> width - 1 - x
        }
        return line * uprightWidth + if (mirror) uprightWidth - 1 - column else column
    }

    private fun copy(buffer: ByteBuffer, rowStride: Int, pixelStride: Int, into: ByteArray, columns: Int, rows: Int) {
        val length = (columns - 1) * pixelStride + 1
        if (row.size < length) row = ByteArray(length)
        for (y in 0 until rows) {
            buffer.goTo(y * rowStride)
            if (pixelStride == 1) {
                buffer.get(into, y * columns, columns)
            } else {
                buffer.get(row, 0, length)
                for (x in 0 until columns) into[y * columns + x] = row[x * pixelStride]
            }
        }
    }

    private companion object {
        const val BITS = 16
        const val HALF = 1 shl (BITS - 1)
        const val NEUTRAL = 128

        // ITU-T T.871 (JFIF): 1.402, -0.344136, -0.714136, 1.772.
        const val CR_TO_RED = 91881
        const val CB_TO_GREEN = -22553
        const val CR_TO_GREEN = -46802
        const val CB_TO_BLUE = 116130
    }
}
