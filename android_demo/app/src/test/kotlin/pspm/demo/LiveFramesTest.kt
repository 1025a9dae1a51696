package pspm.demo

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import pspm.matting.Background
import pspm.matting.engine.Delegate
import pspm.matting.pictures.Photo
import pspm.matting.pictures.rgb

class LiveFramesTest {
    private val scene = Photo(64, 48, IntArray(64 * 48) { rgb(it % 200, 80, 80) })
    private val engine = CountingEngine(Delegate.CPU, 1)
    private val shown = mutableListOf<Triple<Int, Int, Int>>()
    private val frames = LiveFrames(testBundle, engine).apply {
        onFrame = { shown += Triple(it.width, it.height, it.pixels[0]) }
    }

    private fun run(rotation: Int, mirror: Boolean): Triple<Int, Int, Int> {
        frames.run(rotation, mirror)
        frames.finish()
        return shown.last()
    }

    @Test
    fun `the device is rotated between frames`() {
        frames.source(64, 48).fill(scene)
        assertEquals(64 to 48, run(0, false).let { (width, height) -> width to height })
        assertEquals(48 to 64, run(90, true).let { (width, height) -> width to height })
        assertEquals(48 to 64, run(270, true).let { (width, height) -> width to height })
        assertEquals(3, engine.runs)
        assertEquals(3, shown.size)
    }

    @Test
    fun `the camera changes its frame size between frames`() {
        frames.source(64, 48).fill(scene)
        run(0, false)
        val larger = Photo(80, 60, IntArray(80 * 60) { -1 })
        frames.source(80, 60).fill(larger)
        assertEquals(80, run(0, false).first)
    }

    @Test
    fun `a new background applies from the next frame on`() {
        frames.source(64, 48).fill(scene)
        frames.background = Background.Colour(rgb(1, 2, 3))
        assertEquals(rgb(1, 2, 3), run(0, false).third)
        frames.background = Background.Colour(rgb(3, 2, 1))
        assertEquals(rgb(3, 2, 1), run(0, false).third)
    }

    @Test
    fun `throws if there is no frame`() {
        assertThrows(IllegalStateException::class.java) { LiveFrames(testBundle, engine).run(0, false) }
    }

    @Test
    fun `close closes the engine`() {
        frames.close()
        assertTrue(engine.closed)
    }

    @Test
    fun `chooses the camera's frame size nearest to 640 x 480`() {
        assertEquals(640 to 480, chooseFrameSize(listOf(4000 to 3000, 1280 to 720, 640 to 480, 320 to 240)))
        assertEquals(720 to 480, chooseFrameSize(listOf(1920 to 1080, 720 to 480, 176 to 144)))
        assertEquals(320 to 240, chooseFrameSize(listOf(641 to 481, 320 to 240)))
        assertEquals(640 to 480, chooseFrameSize(emptyList()))
    }

    @Test
    fun `chooses up to 30 frames a second, as steady as possible`() {
        assertEquals(30 to 30, chooseFrameRate(listOf(15 to 30, 30 to 30, 60 to 60, 7 to 30)))
        assertEquals(15 to 24, chooseFrameRate(listOf(15 to 24, 15 to 15, 7 to 24)))
        assertEquals(null, chooseFrameRate(emptyList()))
    }
}
