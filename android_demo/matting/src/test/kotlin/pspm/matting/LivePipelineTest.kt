package pspm.matting

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import pspm.matting.engine.Delegate
import pspm.matting.engine.Engine
import pspm.matting.engine.Numbers
import pspm.matting.pictures.Photo
import pspm.matting.pictures.YuvFrame
import pspm.matting.pictures.rgb

/** A fake network: the brighter a pixel of the view, the more it is the person. */
private class Brightness(private val beforeRun: () -> Unit = {}) : Engine {
    override val name = "test"
    override val delegate = Delegate.CPU
    override val threads = 1
    override val width = SIDE
    override val height = SIDE
    override val inputNumbers = Numbers.FLOAT32
    override val outputNumbers = Numbers.FLOAT32
    override val input: ByteBuffer = ByteBuffer.allocateDirect(12 * SIDE * SIDE).order(ByteOrder.nativeOrder())
    override val output: ByteBuffer = ByteBuffer.allocateDirect(4 * SIDE * SIDE).order(ByteOrder.nativeOrder())

    override fun run() {
        beforeRun()
        for (i in 0 until SIDE * SIDE) output.putFloat(4 * i, input.getFloat(12 * i).coerceIn(0f, 1f))
    }

    override fun close() = Unit
}

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
        val alone = LiveMatting(bundle, Brightness(), width, height)
        val expected = sources.mapIndexed { i, source ->
            alone.background = backgrounds[i / 4]
            alone.run(source, 0, i % 2 == 1)
            alone.frame.clone()
        }
        val found = mutableListOf<IntArray>()
        LivePipeline(bundle, Brightness(), width, height) { found += it.pixels.clone() }.use { pipeline ->
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
        val engine = Brightness { if (++runs == 2) secondRun.countDown() }
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
        LivePipeline(bundle, Brightness(), width, height) { frames++ }.use { pipeline ->
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
        LivePipeline(bundle, Brightness { Thread.sleep(20) }, width, height) {
            nanos += listOf(it.preNanos, it.inferenceNanos, it.postNanos)
        }.use { pipeline ->
            pipeline.run(source(0), 0, false)
            pipeline.finish()
        }

        assertTrue(nanos[0] > 0 && nanos[2] > 0)
        assertTrue(nanos[1] >= 20_000_000)
    }
}
