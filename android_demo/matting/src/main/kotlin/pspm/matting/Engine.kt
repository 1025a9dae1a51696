package pspm.matting

import java.nio.ByteBuffer

/** What computes. [label] is the name in a benchmark's result. */
enum class Delegate(val label: String) { CPU("cpu"), GPU("gpu"), NNAPI("nnapi") }

/** Numbers of a network's input or output. */
enum class Numbers(val bytes: Int) { FLOAT32(4), INT8(1) }

/**
 * A network loaded for one size, and the two buffers through which it is used: [TensorFlowLiteEngine] is one, another
 * runtime would be a second class. Not for several threads at once.
 */
interface Engine : AutoCloseable {
    /** Name and version of the runtime. */
    val name: String

    /** What computes. */
    val delegate: Delegate

    /** Threads on the CPU. */
    val threads: Int

    /** Width of the picture that the network takes. */
    val width: Int

    /** Height of the picture that the network takes. */
    val height: Int

    /** Of [input]. */
    val inputNumbers: Numbers

    /** Of [output]. */
    val outputNumbers: Numbers

    /** The picture, (height, width, 3), in native order; write before [run]. */
    val input: ByteBuffer

    /** The matte, (height, width), in native order; read after [run]. */
    val output: ByteBuffer

    /** From [input] to [output]. */
    fun run()
}
