package pspm.demo

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotSame
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import pspm.matting.Backdrop
import pspm.matting.Delegate
import pspm.matting.Photo
import pspm.matting.rgb

class LiveFramesTest {
    private val scene = Photo(64, 48, IntArray(64 * 48) { rgb(it % 200, 80, 80) })
    private val engine = CountingEngine(Delegate.CPU, 1)
    private val frames = LiveFrames(testBundle, engine)

    @Test
    fun `the device is turned in the middle of the frames`() {
        frames.source(64, 48).fill(scene)
        val upright = frames.run(0, false)
        assertEquals(64 to 48, upright.width to upright.height)
        val turned = frames.run(90, true)
        assertEquals(48 to 64, turned.width to turned.height)
        assertNotSame(upright, turned)
        // From landscape to landscape the buffers stay.
        assertSame(turned, frames.run(270, true))
        assertEquals(3, engine.runs)
    }

    @Test
    fun `the camera changes its size in the middle of the frames`() {
        frames.source(64, 48).fill(scene)
        frames.run(0, false)
        val larger = Photo(80, 60, IntArray(80 * 60) { -1 })
        frames.source(80, 60).fill(larger)
        assertEquals(80, frames.run(0, false).width)
    }

    @Test
    fun `a backdrop counts from the next frame on`() {
        frames.source(64, 48).fill(scene)
        frames.backdrop = Backdrop.Colour(rgb(1, 2, 3))
        val live = frames.run(0, false)
        assertEquals(rgb(1, 2, 3), live.frame[0])
        frames.backdrop = Backdrop.Colour(rgb(3, 2, 1))
        assertEquals(rgb(3, 2, 1), frames.run(0, false).frame[0])
    }

    @Test
    fun `no frame, no result`() {
        assertThrows(IllegalStateException::class.java) { LiveFrames(testBundle, engine).run(0, false) }
    }

    @Test
    fun `the engine is closed with it`() {
        frames.close()
        assertTrue(engine.closed)
    }

    @Test
    fun `the pace is told once a second`() {
        val pace = Pace()
        val frame = 40_000_000L
        val told = (1..100).filter { pace.add(30_000_000L, 20_000_000L, it * frame) }
        assertEquals(25.0, pace.framesPerSecond, 0.5)
        assertEquals(30.0, pace.frameMillis)
        assertEquals(20.0, pace.networkMillis)
        assertEquals(3, told.size)
    }

    @Test
    fun `the camera's size nearest to what is wanted`() {
        assertEquals(640 to 480, chooseFrameSize(listOf(4000 to 3000, 1280 to 720, 640 to 480, 320 to 240)))
        assertEquals(720 to 480, chooseFrameSize(listOf(1920 to 1080, 720 to 480, 176 to 144)))
        assertEquals(320 to 240, chooseFrameSize(listOf(641 to 481, 320 to 240)))
        assertEquals(640 to 480, chooseFrameSize(emptyList()))
    }
}
