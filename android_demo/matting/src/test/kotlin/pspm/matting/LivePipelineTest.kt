package pspm.matting

import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import pspm.matting.pictures.Photo
import pspm.matting.pictures.YuvFrame
import pspm.matting.pictures.rgb

private const val SIDE = 64

class LivePipelineTest {
    private val bundle = emptyBundle(SIDE)
    private val width = 160
    private val height = 120

    private fun source(shift: Int) = YuvFrame(width, height).also { frame ->
        frame.fill(Photo(width, height, IntArray(width * height) { rgb((it % width + shift) % 256, 90, it / width) }))
    }

    @Test
    fun `the frames are those of one thread, in their order`() {
        val sources = (0 until 12).map { source(17 * it) }
        val backgrounds = listOf(Background.Colour(rgb(9, 8, 7)), Background.Blur(0.7), Background.Colour(rgb(1, 200, 3)))
        val alone = LiveMatting(bundle, brightness(SIDE), width, height)
        val expected = sources.mapIndexed { i, source ->
            alone.background = backgrounds[i / 4]
            alone.run(source, 0, i % 2 == 1)
            alone.frame.clone()
        }
        val found = mutableListOf<IntArray>()
        LivePipeline(bundle, brightness(SIDE), width, height) { found += it.pixels.clone() }.use { pipeline ->
            sources.forEachIndexed { i, source ->
                pipeline.background = backgrounds[i / 4]
                pipeline.run(source, 0, i % 2 == 1)
            }
            pipeline.finish()
        }

        assertEquals(expected.size, found.size)
        for (i in expected.indices) assertArrayEquals(expected[i], found[i], "frame $i")
    }

    @Test
    fun `the network runs while the frame before is composed`() {
        val secondRun = CountDownLatch(1)
        var runs = 0
        var overlapped = false
        val engine = brightness(SIDE) { if (++runs == 2) secondRun.countDown() }
        LivePipeline(bundle, engine, width, height) {
            if (runs < 3 && !overlapped) overlapped = secondRun.await(10, TimeUnit.SECONDS)
        }.use { pipeline ->
            repeat(2) { pipeline.run(source(0), 0, false) }
            pipeline.finish()
        }

        assertTrue(overlapped)
    }

    @Test
    fun `an error of the composition is thrown by the next call, and the pipeline goes on`() {
        var frames = 0
        LivePipeline(bundle, brightness(SIDE), width, height) { frames++ }.use { pipeline ->
            pipeline.background = Background.Blur(1.5)
            pipeline.run(source(0), 0, false)
            assertThrows(MattingException::class.java) { pipeline.finish() }
            pipeline.background = Background.Colour(5)
            pipeline.run(source(0), 0, false)
            pipeline.finish()
        }

        assertEquals(1, frames)
    }

    @Test
    fun `the times of the stages come with the frame`() {
        val nanos = mutableListOf<Long>()
        LivePipeline(bundle, brightness(SIDE) { Thread.sleep(20) }, width, height) {
            nanos += listOf(it.preNanos, it.inferenceNanos, it.postNanos)
        }.use { pipeline ->
            pipeline.run(source(0), 0, false)
            pipeline.finish()
        }

        assertTrue(nanos[0] > 0 && nanos[2] > 0)
        assertTrue(nanos[1] >= 20_000_000)
    }
}
