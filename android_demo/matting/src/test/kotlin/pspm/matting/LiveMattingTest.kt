package pspm.matting

import com.sun.management.ThreadMXBean
import java.lang.management.ManagementFactory
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import pspm.matting.pictures.Photo
import pspm.matting.pictures.YuvFrame
import pspm.matting.pictures.rgb
import pspm.matting.stages.cover

private const val SIDE = 64
private const val FRAMES = 200

/** Live mode with a fake network. */
class LiveMattingTest {
    private val bundle = emptyBundle(SIDE)
    private val width = 160
    private val height = 120
    private val scene = Photo(width, height, IntArray(width * height) { rgb(120 + it % width / 4, 90, 60 + it / width / 4) })
    private val source = YuvFrame(width, height).also { it.fill(scene) }
    private val plain = IntArray(width * height).also { source.toUpright(0, false, it) }

    @Test
    fun `the person stays and the background becomes the colour`() {
        val live = LiveMatting(bundle, leftHalf(SIDE), width, height)
        live.background = Background.Colour(rgb(1, 200, 3))
        live.run(source, 0, false)
        for (y in 0 until height) {
            for (x in listOf(0, 20, 60)) assertEquals(plain[y * width + x], live.frame[y * width + x], "$x, $y")
            for (x in listOf(100, 140, 159)) assertEquals(rgb(1, 200, 3), live.frame[y * width + x], "$x, $y")
        }
    }

    @Test
    fun `a picture covers the background`() {
        val live = LiveMatting(bundle, leftHalf(SIDE), width, height)
        val picture = Photo(80, 300, IntArray(80 * 300) { rgb(it % 80, 50, 200) })
        live.background = Background.Picture(picture)
        live.run(source, 0, false)
        val expected = cover(picture, width, height)
        for (at in listOf(159, 60 * width + 120, width * height - 1)) assertEquals(expected[at], live.frame[at])
        assertEquals(plain[0], live.frame[0])
    }

    @Test
    fun `blur keeps the person sharp and the background's brightness`() {
        val live = LiveMatting(bundle, leftHalf(SIDE), width, height)
        live.background = Background.Blur(1.0)
        live.run(source, 0, false)
        for (y in 0 until height) assertEquals(plain[y * width + 20], live.frame[y * width + 20])
        val right = plain.indices.filter { it % width > 100 }.toIntArray()
        val before = IntArray(right.size) { plain[right[it]] }
        val after = IntArray(right.size) { live.frame[right[it]] }
        assertTrue(difference(after, before).mean < 4)
        live.background = Background.Blur(0.0)
        live.run(source, 0, false)
        assertArrayEquals(plain, live.frame)
        val error = assertThrows(MattingException::class.java) { live.background = Background.Blur(1.5) }
        assertEquals(ErrorKind.BLUR_OUT_OF_RANGE to listOf("1.5"), error.kind to error.arguments)
    }

    @Test
    fun `a turned and mirrored frame is matted upright`() {
        val live = LiveMatting(bundle, leftHalf(SIDE), height, width)
        live.background = Background.Colour(rgb(0, 0, 255))
        live.run(source, 90, true)
        val upright = IntArray(width * height).also { source.toUpright(90, true, it) }
        for (y in 0 until width) {
            assertEquals(upright[y * height + 5], live.frame[y * height + 5])
            assertEquals(rgb(0, 0, 255), live.frame[y * height + height - 1])
        }
    }

    @Test
    fun `an engine that ran before serves frames of another size`() {
        val engine = leftHalf(SIDE)
        LiveMatting(bundle, engine, width, height).run(source, 0, false)
        for (buffer in listOf(engine.input, engine.output)) buffer.position(buffer.limit())
        val live = LiveMatting(bundle, engine, height, width)
        live.background = Background.Colour(rgb(0, 0, 255))
        live.run(source, 90, true)
        assertEquals(rgb(0, 0, 255), live.frame[height - 1])
    }

    @Test
    fun `a frame allocates nothing`() {
        val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean
        for (background in listOf(Background.Colour(5), Background.Picture(scene), Background.Blur(0.7))) {
            val live = LiveMatting(bundle, leftHalf(SIDE), width, height)
            live.background = background
            repeat(20) { live.run(source, 0, true) }
            val id = Thread.currentThread().id
            val before = threads.getThreadAllocatedBytes(id)
            repeat(FRAMES) { live.run(source, 0, true) }
            val bytes = threads.getThreadAllocatedBytes(id) - before
            println("$background: $bytes bytes in $FRAMES frames")
            // One object in every frame would exceed this. The JVM itself allocates a few objects once.
            assertTrue(bytes < 8 * FRAMES, "$bytes bytes in $FRAMES frames")
        }
    }

    @Test
    fun `refuses a manifest that does not match the model`() {
        val other = emptyBundle(96)
        assertThrows(ModelException::class.java) { LiveMatting(other, leftHalf(SIDE), width, height) }
    }
}
