package pspm.matting

import java.nio.ByteBuffer
import java.nio.ByteOrder
import pspm.matting.engine.Delegate
import pspm.matting.engine.Engine
import pspm.matting.engine.Numbers

/** What a [FakeNetwork] answers for a pixel: its alpha, given its number in the view and the red value that is shown. */
fun interface FakeAlpha {
    fun at(pixel: Int, red: Float): Float
}

/** A fake network whose view has [width] x [height] pixels. [beforeRun] is called before each answer. */
class FakeNetwork(
    override val width: Int,
    override val height: Int = width,
    private val beforeRun: () -> Unit = {},
    private val alpha: FakeAlpha
) : Engine {
    override val name = "test"
    override val delegate = Delegate.CPU
    override val threads = 1
    override val inputNumbers = Numbers.FLOAT32
    override val outputNumbers = Numbers.FLOAT32
    override val input: ByteBuffer = ByteBuffer.allocateDirect(12 * width * height).order(ByteOrder.nativeOrder())
    override val output: ByteBuffer = ByteBuffer.allocateDirect(4 * width * height).order(ByteOrder.nativeOrder())

    override fun run() {
        beforeRun()
        for (i in 0 until width * height) output.putFloat(4 * i, alpha.at(i, input.getFloat(12 * i)))
    }

    override fun close() = Unit
}

/** Finds a person in the left half of every view of [side] x [side] pixels. */
fun leftHalf(side: Int): Engine = FakeNetwork(side) { pixel, _ -> if (pixel % side < side / 2) 1f else 0f }

/** The brighter a pixel of the view, the more it is the person. */
fun brightness(side: Int, beforeRun: () -> Unit = {}): Engine =
    FakeNetwork(side, side, beforeRun) { _, red -> (red / 255).coerceIn(0f, 1f) }
