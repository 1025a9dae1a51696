package pspm.matting.engine

import java.nio.ByteBuffer
import pspm.matting.MattingException

/** The processor that runs the network. [label] is its name in a benchmark report. */
enum class Delegate(val label: String) { CPU("cpu"), GPU("gpu"), NNAPI("nnapi") }

/** The number type of a network's input or output, and its size in bytes. */
enum class Numbers(val bytes: Int) { FLOAT32(4), INT8(1) }

/**
 * Runs a network at one input size. Write the picture to [input], call [run], read the matte from [output]. Use it from
 * one thread at a time. [TensorFlowLiteEngine] implements it; another runtime is another class.
 */
interface Engine : AutoCloseable {
    /** Name and version of the runtime. */
    val name: String

    /** The processor that runs the network. */
    val delegate: Delegate

    /** Number of CPU threads. */
    val threads: Int

    /** Width of the network's input, in pixels. */
    val width: Int

    /** Height of the network's input, in pixels. */
    val height: Int

    /** Number type of [input]. */
    val inputNumbers: Numbers

    /** Number type of [output]. */
    val outputNumbers: Numbers

    /** The normalised picture, (height, width, 3) RGB, in native byte order. Write it before [run]. */
    val input: ByteBuffer

    /** The matte, (height, width), in native byte order. Read it after [run]. */
    val output: ByteBuffer

    /** Run the network once on [input] and store the result in [output]. Throws [pspm.matting.EngineException] if it fails. */
    @Throws(MattingException::class)
    fun run()
}
