package pspm.matting.engine

import java.nio.ByteBuffer
import pspm.matting.MattingException

/** The processor that runs the network. [label] is its name in a benchmark report. */
public enum class Delegate(public val label: String) { CPU("cpu"), GPU("gpu"), NNAPI("nnapi") }

/** The number type of a network's input or output, and its size in bytes. */
public enum class Numbers(public val bytes: Int) { FLOAT32(4), INT8(1) }

/**
 * Runs a network at one input size. Write the picture to [input], call [run], read the matte from [output]. Use it from
 * one thread at a time. [TensorFlowLiteEngine] implements it; another runtime is another class.
 */
public interface Engine : AutoCloseable {
    /** Name and version of the runtime. */
    public val name: String

    /** The processor that runs the network. */
    public val delegate: Delegate

    /** Number of CPU threads. */
    public val threads: Int

    /** Width of the network's input, in pixels. */
    public val width: Int

    /** Height of the network's input, in pixels. */
    public val height: Int

    /** Number type of [input]. */
    public val inputNumbers: Numbers

    /** Number type of [output]. */
    public val outputNumbers: Numbers

    /** The normalised picture, (height, width, 3) RGB, in native byte order. Write it before [run]. */
    public val input: ByteBuffer

    /** The matte, (height, width), in native byte order. Read it after [run]. */
    public val output: ByteBuffer

    /** Run the network once on [input] and store the result in [output]. Throws [pspm.matting.EngineException] if it fails. */
    @Throws(MattingException::class)
    public fun run()
}
