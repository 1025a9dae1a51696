package pspm.matting.engine

import java.nio.ByteBuffer
import pspm.matting.DelegateRefused
import pspm.matting.EngineException
import pspm.matting.ErrorKind
import pspm.matting.MattingException
import pspm.matting.pictures.toStart

/**
 * Runs the network on [first]. If that fails while it runs, the CPU takes over for good: the engine that [openCpu] returns
 * runs the same picture again, and [onRefused] is called with the reason, on the thread that called [run].
 *
 * [input] and [output] stay those of [first], so callers need not know.
 */
public class FallBackEngine(
    private val first: Engine,
    private val openCpu: () -> Engine,
    private val onRefused: (DelegateRefused) -> Unit
) : Engine {
    private var current = first

    override val name: String get() = current.name
    override val delegate: Delegate get() = current.delegate
    override val threads: Int get() = current.threads
    override val width: Int = first.width
    override val height: Int = first.height
    override val inputNumbers: Numbers = first.inputNumbers
    override val outputNumbers: Numbers = first.outputNumbers
    override val input: ByteBuffer = first.input
    override val output: ByteBuffer = first.output

    override fun run() {
        if (current === first) {
            try {
                return first.run()
            } catch (error: EngineException) {
                current = openCpu()
                first.close()
                onRefused(DelegateRefused(first.delegate, ErrorKind.DELEGATE_FAILED_LATER, listOf(error.reason), error))
            }
        }
        copy(input, current.input)
        current.run()
        copy(current.output, output)
    }

    override fun close(): Unit = current.close()

    public companion object {
        /**
         * Open a [model] on [delegate]. If the delegate is refused, now or in a later run, the CPU replaces it and
         * [onRefused] is called. Throws [pspm.matting.ModelException] if TensorFlow Lite cannot run the model.
         */
        @JvmStatic
        @Throws(MattingException::class)
        public fun open(model: ByteBuffer, delegate: Delegate, threads: Int, onRefused: (DelegateRefused) -> Unit): Engine {
            val openCpu = { TensorFlowLiteEngine.open(model, Delegate.CPU, threads) }
            if (delegate == Delegate.CPU) return openCpu()
            return try {
                FallBackEngine(TensorFlowLiteEngine.open(model, delegate, threads), openCpu, onRefused)
            } catch (error: DelegateRefused) {
                onRefused(error)
                openCpu()
            }
        }
    }

    private fun copy(from: ByteBuffer, to: ByteBuffer) {
        from.toStart()
        to.toStart()
        to.put(from)
    }
}
