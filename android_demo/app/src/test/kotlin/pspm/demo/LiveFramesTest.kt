package pspm.demo

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotSame
import org.junit.jupiter.api.Assertions.assertSame
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
    private val frames = LiveFrames(testBundle, engine)

    @Test
    fun `the device is rotated between frames`() {
        frames.source(64, 48).fill(scene)
        val upright = frames.run(0, false)
        assertEquals(64 to 48, upright.width to upright.height)
        val turned = frames.run(90, true)
        assertEquals(48 to 64, turned.width to turned.height)
        assertNotSame(upright, turned)
        // A rotation by 180 degrees keeps the size and the buffers.
        assertSame(turned, frames.run(270, true))
        assertEquals(3, engine.runs)
    }

    @Test
    fun `the camera changes its frame size between frames`() {
        frames.source(64, 48).fill(scene)
        frames.run(0, false)
        val larger = Photo(80, 60, IntArray(80 * 60) { -1 })
        frames.source(80, 60).fill(larger)
        assertEquals(80, frames.run(0, false).width)
    }

    @Test
    fun `a new background applies from the next frame on`() {
        frames.source(64, 48).fill(scene)
        frames.background = Background.Colour(rgb(1, 2, 3))
        val live = frames.run(0, false)
        assertEquals(rgb(1, 2, 3), live.frame[0])
        frames.background = Background.Colour(rgb(3, 2, 1))
        assertEquals(rgb(3, 2, 1), frames.run(0, false).frame[0])
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
