package pspm.matting

import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.DataType
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.Tensor
import org.tensorflow.lite.TensorFlowLite
import org.tensorflow.lite.executionSteps
import org.tensorflow.lite.gpu.GpuDelegate
import org.tensorflow.lite.nnapi.NnApiDelegate

/** Above it a delegate has too little of the network to be called by its name. */
private const val MOST_STEPS_OF_A_DELEGATE = 20

/** A `.tflite` file in TensorFlow Lite; make one with [open]. */
class TensorFlowLiteEngine private constructor(
    // Held, for the interpreter reads it in place.
    private val model: ByteBuffer,
    private val interpreter: Interpreter,
    private val accelerator: AutoCloseable?,
    override val delegate: Delegate,
    override val threads: Int
) : Engine {
    override val name: String = "TensorFlow Lite ${TensorFlowLite.runtimeVersion()}"
    override val width: Int = interpreter.getInputTensor(0).shape()[2]
    override val height: Int = interpreter.getInputTensor(0).shape()[1]
    override val inputNumbers: Numbers = numbers(interpreter.getInputTensor(0))
    override val outputNumbers: Numbers = numbers(interpreter.getOutputTensor(0))
    override val input: ByteBuffer = buffer(interpreter.getInputTensor(0))
    override val output: ByteBuffer = buffer(interpreter.getOutputTensor(0))
    private val inputs = arrayOf<Any>(input)
    private val outputs = mapOf<Int, Any>(0 to output)
    private var closed = false

    /** How many steps one run takes; 1 where XNNPACK or another delegate has the whole network. */
    val steps: Int get() = interpreter.executionSteps()

    override fun run() {
        check(!closed) { "the engine is closed; load the model again" }
        input.toStart()
        output.toStart()
        interpreter.runForMultipleInputsOutputs(inputs, outputs)
    }

    override fun close() {
        if (closed) return
        closed = true
        interpreter.close()
        accelerator?.close()
    }

    companion object {
        /**
         * Load a model, in a direct buffer of native order.
         *
         * Throws [ModelException] for what is no model, or no matting network, and [DelegateRefused] where the delegate
         * is not to be had here or takes none of the network.
         */
        fun open(model: ByteBuffer, delegate: Delegate = Delegate.CPU, threads: Int = defaultThreads()): Engine {
            if (threads < 1) throw MattingException("$threads threads cannot run a network; give 1 or more")
            val plain = if (delegate == Delegate.CPU) null else interpreterSteps(model)
            val accelerator = accelerator(delegate)
            try {
                val engine = open(model, delegate, threads, accelerator)
                if (plain != null) checkTaken(engine, plain)
                return engine
            } catch (error: MattingException) {
                accelerator?.close()
                throw error
            }
        }

        /** Half of the cores, at least 1 and at most 4: on phones the other half is slow. */
        fun defaultThreads(): Int = (Runtime.getRuntime().availableProcessors() / 2).coerceIn(1, 4)

        private fun open(
            model: ByteBuffer,
            delegate: Delegate,
            threads: Int,
            accelerator: AutoCloseable?
        ): TensorFlowLiteEngine {
            val options = Interpreter.Options().setNumThreads(threads).setUseXNNPACK(delegate == Delegate.CPU)
            (accelerator as? org.tensorflow.lite.Delegate)?.let { options.addDelegate(it) }
            val interpreter = interpreter(model, options, delegate)
            try {
                checkNetwork(interpreter)
                return TensorFlowLiteEngine(model, interpreter, accelerator, delegate, threads)
            } catch (error: MattingException) {
                interpreter.close()
                throw error
            }
        }

        private fun interpreter(model: ByteBuffer, options: Interpreter.Options, delegate: Delegate): Interpreter = try {
            Interpreter(model, options).apply { allocateTensors() }
        } catch (error: UnsatisfiedLinkError) {
            throw engineMissing(error)
        } catch (error: RuntimeException) {
            // TensorFlow Lite throws IllegalArgumentException and IllegalStateException for all that is wrong.
            throw if (delegate == Delegate.CPU) {
                ModelException("TensorFlow Lite cannot run this model (${firstLine(error)}); export it again", error)
            } else {
                DelegateRefused(delegate, firstLine(error), error)
            }
        }

        private fun accelerator(delegate: Delegate): AutoCloseable? = try {
            when (delegate) {
                Delegate.CPU -> null
                Delegate.GPU -> GpuDelegate().let { gpu -> GpuAccelerator(gpu) }
                Delegate.NNAPI -> NnApiDelegate(NnApiDelegate.Options().setUseNnapiCpu(false))
            }
        } catch (error: LinkageError) {
            throw DelegateRefused(delegate, "its library is not in this app for this processor (${firstLine(error)})", error)
        } catch (error: RuntimeException) {
            throw DelegateRefused(delegate, firstLine(error), error)
        }

        private fun engineMissing(error: UnsatisfiedLinkError) = MattingException(
            "TensorFlow Lite's library for this processor is missing (${firstLine(error)}); " +
                "build the app with the ABI of this device",
            error
        )

        private fun interpreterSteps(model: ByteBuffer): Int =
            interpreter(model, Interpreter.Options().setUseXNNPACK(false), Delegate.CPU).use { it.executionSteps() }

        private fun checkTaken(engine: TensorFlowLiteEngine, plain: Int) {
            val steps = engine.steps
            if (steps >= minOf(plain, MOST_STEPS_OF_A_DELEGATE)) {
                engine.close()
                throw DelegateRefused(engine.delegate, "it leaves $steps of $plain steps to the CPU")
            }
        }

        private fun checkNetwork(interpreter: Interpreter) {
            val shapes = listOf(interpreter.getInputTensor(0).shape(), interpreter.getOutputTensor(0).shape())
            val fits = interpreter.inputTensorCount == 1 && shapes.all { it.size == 4 && it[0] == 1 } &&
                shapes[0][3] == 3 && shapes[1][3] == 1 && shapes[0][1] == shapes[1][1] && shapes[0][2] == shapes[1][2]
            if (!fits) {
                val found = shapes.joinToString(" to ") { it.joinToString(" x ") }
                throw ModelException("the model turns $found, not a picture into a matte; export a matting network")
            }
            numbers(interpreter.getInputTensor(0))
            numbers(interpreter.getOutputTensor(0))
        }

        private fun numbers(tensor: Tensor): Numbers = when (tensor.dataType()) {
            DataType.FLOAT32 -> Numbers.FLOAT32
            DataType.INT8 -> Numbers.INT8
            else -> throw ModelException("the model's numbers are ${tensor.dataType()}; export it again")
        }

        private fun buffer(tensor: Tensor): ByteBuffer =
            ByteBuffer.allocateDirect(tensor.numBytes()).order(ByteOrder.nativeOrder())

        private fun firstLine(error: Throwable): String = (error.message ?: error.toString()).lineSequence().first().trim()
    }
}

/** TensorFlow Lite's GPU delegate under the closing interface that NNAPI's has. */
private class GpuAccelerator(private val gpu: GpuDelegate) :
    org.tensorflow.lite.Delegate,
    AutoCloseable {
    override fun getNativeHandle(): Long = gpu.nativeHandle

    override fun close() = gpu.close()
}
