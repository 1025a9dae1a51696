package pspm.matting

import java.nio.ByteBuffer
import kotlin.math.abs
import kotlin.random.Random
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import pspm.matting.pictures.Photo
import pspm.matting.pictures.YuvFrame
import pspm.matting.pictures.rgb
import pspm.matting.pictures.uprightRotation

/** Camera frames: colours, strides, rotations and mirroring. */
class YuvFrameTest {
    private val random = Random(1)
    private val width = 12
    private val height = 8

    @Test
    fun `known colours`() {
        // Y, Cb, Cr in full-range BT.601, as in JPEG.
        val colours = mapOf(
            Triple(0, 128, 128) to rgb(0, 0, 0),
            Triple(255, 128, 128) to rgb(255, 255, 255),
            Triple(76, 85, 255) to rgb(254, 0, 0),
            Triple(150, 44, 21) to rgb(0, 255, 1),
            Triple(29, 255, 107) to rgb(0, 0, 254)
        )
        for ((yuv, expected) in colours) {
            val frame = YuvFrame(2, 2)
            frame.copyLuma(filled(yuv.first, 4), 2)
            frame.copyChroma(filled(yuv.second, 1), filled(yuv.third, 1), 1, 1)
            val result = IntArray(4).also { frame.toUpright(0, false, it) }
            assertTrue(result.all { it == result[0] })
            assertTrue(
                difference(result, IntArray(4) { expected }).largest <= 1,
                "$yuv gives ${result[0].toUInt().toString(16)}"
            )
        }
    }

    @Test
    fun `every rotation and mirroring`() {
        val frame = noise()
        val upright = IntArray(width * height).also { frame.toUpright(0, false, it) }
        for (rotation in listOf(0, 90, 180, 270)) {
            for (mirror in listOf(false, true)) {
                val expected = turned(upright, rotation, mirror)
                val found = IntArray(width * height).also { frame.toUpright(rotation, mirror, it) }
                assertArrayEquals(expected, found, "$rotation degrees, mirror $mirror")
            }
        }
        assertThrows(IllegalArgumentException::class.java) { frame.toUpright(45, false, upright) }
    }

    @Test
    fun `row and pixel strides do not change the result`() {
        val luma = ByteArray(width * height) { random.nextInt().toByte() }
        val cb = ByteArray(width * height / 4) { random.nextInt().toByte() }
        val cr = ByteArray(width * height / 4) { random.nextInt().toByte() }
        val plain = YuvFrame(width, height)
        plain.copyLuma(ByteBuffer.wrap(luma), width)
        plain.copyChroma(ByteBuffer.wrap(cb), ByteBuffer.wrap(cr), width / 2, 1)
        val expected = IntArray(width * height).also { plain.toUpright(0, false, it) }
        for ((rowPadding, pixelStride) in listOf(0 to 1, 5 to 1, 0 to 2, 7 to 2)) {
            val frame = YuvFrame(width, height)
            frame.copyLuma(strided(luma, width, width + rowPadding, 1), width + rowPadding)
            val stride = width / 2 * pixelStride + rowPadding
            frame.copyChroma(
                strided(cb, width / 2, stride, pixelStride),
                strided(cr, width / 2, stride, pixelStride),
                stride,
                pixelStride
            )
            val found = IntArray(width * height).also { frame.toUpright(0, false, it) }
            assertArrayEquals(expected, found, "$rowPadding, $pixelStride")
        }
    }

    @Test
    fun `a round trip keeps a grey picture and nearly keeps a smooth one`() {
        val grey = Photo(width, height, IntArray(width * height) { rgb(it * 2, it * 2, it * 2) })
        val frame = YuvFrame(width, height).also { it.fill(grey) }
        val back = IntArray(grey.pixels.size).also { frame.toUpright(0, false, it) }
        assertArrayEquals(grey.pixels, back)
        val smooth =
            Photo(width, height, IntArray(width * height) { rgb(40 + it % width, 200 - it / width, 90 + it % width / 2) })
        frame.fill(smooth)
        frame.toUpright(0, false, back)
        assertTrue(difference(back, smooth.pixels).mean < 4)
    }

    @Test
    fun `refuses odd sizes`() {
        for ((w, h) in listOf(3 to 2, 2 to 3, 0 to 2)) {
            assertThrows(IllegalArgumentException::class.java) { YuvFrame(w, h) }
        }
    }

    @Test
    fun `upright on every display`() {
        // A phone's back camera is mounted at 90 degrees, its front camera at 270.
        assertEquals(listOf(90, 0, 270, 180), listOf(0, 90, 180, 270).map { uprightRotation(90, it, front = false) })
        assertEquals(listOf(270, 0, 90, 180), listOf(0, 90, 180, 270).map { uprightRotation(270, it, front = true) })
    }

    private fun noise() = YuvFrame(width, height).apply {
        copyLuma(ByteBuffer.wrap(random.nextBytes(width * height)), width)
        val chroma = width * height / 4
        copyChroma(ByteBuffer.wrap(random.nextBytes(chroma)), ByteBuffer.wrap(random.nextBytes(chroma)), width / 2, 1)
    }

    /** Reference implementation, by definition: for each place, the pixel that moves there. */
    private fun turned(pixels: IntArray, rotation: Int, mirror: Boolean): IntArray {
        var w = width
        var h = height
        var result = pixels.copyOf()
        repeat(rotation / 90) {
            val before = result
            val (oldWidth, oldHeight) = w to h
            w = oldHeight.also { h = oldWidth }
            result = IntArray(w * h) { before[(oldHeight - 1 - it % w) * oldWidth + it / w] }
        }
        if (!mirror) return result
        return IntArray(w * h) { result[it / w * w + w - 1 - it % w] }
    }

    private fun filled(value: Int, size: Int) = ByteBuffer.wrap(ByteArray(size) { value.toByte() })

    private fun strided(plane: ByteArray, columns: Int, rowStride: Int, pixelStride: Int): ByteBuffer {
        val rows = plane.size / columns
        // A camera's buffer ends with the last pixel of the last row, without padding.
        val result = ByteArray((rows - 1) * rowStride + (columns - 1) * pixelStride + 1)
        for (i in plane.indices) result[i / columns * rowStride + i % columns * pixelStride] = plane[i]
        return ByteBuffer.wrap(result)
    }
}
