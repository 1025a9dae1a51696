package pspm.matting.engine

import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.DataType
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.Tensor
import org.tensorflow.lite.TensorFlowLite
import org.tensorflow.lite.executionSteps
import org.tensorflow.lite.gpu.GpuDelegate
import org.tensorflow.lite.gpu.GpuDelegateFactory
import org.tensorflow.lite.nnapi.NnApiDelegate
import pspm.matting.DelegateRefused
import pspm.matting.EngineException
import pspm.matting.ErrorKind
import pspm.matting.MattingException
import pspm.matting.ModelException
import pspm.matting.pictures.toStart

/** A delegate that leaves at least this many steps is refused: too much of the network would run on the CPU. */
private const val MAX_DELEGATE_STEPS = 20

/** Runs a `.tflite` file in TensorFlow Lite. Create one with [open]. */
public class TensorFlowLiteEngine private constructor(
    // Keep a reference: the interpreter reads it in place.
    private val model: ByteBuffer,
    private val interpreter: Interpreter,
    private val accelerator: AutoCloseable?,
    // The GPU's library demands the thread that made it for each call.
    private val ownThread: OwnThread?,
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

    /** Number of steps of one run. It is 1 if XNNPACK or another delegate runs the whole network. */
    public val steps: Int get() = interpreter.executionSteps()

    override fun run() {
        check(!closed) { "the engine is closed; open the model again" }
        input.toStart()
        output.toStart()
        try {
            if (ownThread == null) infer() else ownThread.call { infer() }
        } catch (error: IllegalArgumentException) {
            throw EngineException(delegate, firstLine(error), error)
        } catch (error: IllegalStateException) {
            throw EngineException(delegate, firstLine(error), error)
        }
    }

    override fun close() {
        if (closed) return
        closed = true
        if (ownThread == null) free() else ownThread.use { it.call { free() } }
    }

    private fun infer() = interpreter.runForMultipleInputsOutputs(inputs, outputs)

    private fun free() {
        interpreter.close()
        accelerator?.close()
    }

    public companion object {
        /**
         * Load a [model] from a direct buffer in native byte order.
         *
         * Throws [ModelException] if it is not a matting network that TensorFlow Lite can run, and [DelegateRefused] if
         * the delegate is not available, runs too little of the network, or fails in a first run.
         */
        @JvmStatic
        @JvmOverloads
        @Throws(MattingException::class)
        public fun open(model: ByteBuffer, delegate: Delegate = Delegate.CPU, threads: Int = defaultThreads()): Engine {
            if (threads < 1) throw MattingException(ErrorKind.TOO_FEW_THREADS, listOf("$threads"))
            if (delegate != Delegate.GPU) return open(model, delegate, threads, null)
            val ownThread = OwnThread("pspm-gpu")
            try {
                return ownThread.call { open(model, delegate, threads, ownThread) }
            } catch (error: MattingException) {
                ownThread.close()
                throw error
            }
        }

        /** Half of the cores, from 1 to 4. On phones the other half is slow. */
        @JvmStatic
        public fun defaultThreads(): Int = (Runtime.getRuntime().availableProcessors() / 2).coerceIn(1, 4)

        private fun open(model: ByteBuffer, delegate: Delegate, threads: Int, ownThread: OwnThread?): Engine {
            val plain = if (delegate == Delegate.CPU) null else interpreterSteps(model)
            val accelerator = accelerator(delegate)
            val interpreter = try {
                checkedInterpreter(model, delegate, threads, accelerator)
            } catch (error: MattingException) {
                accelerator?.close()
                throw error
            }
            val engine = TensorFlowLiteEngine(model, interpreter, accelerator, ownThread, delegate, threads)
            if (plain == null) return engine
            try {
                checkTaken(engine, plain)
                checkRuns(engine)
            } catch (error: DelegateRefused) {
                engine.free()
                throw error
            }
            return engine
        }

        private fun checkedInterpreter(
            model: ByteBuffer,
            delegate: Delegate,
            threads: Int,
            accelerator: AutoCloseable?
        ): Interpreter {
            val options = Interpreter.Options().setNumThreads(threads).setUseXNNPACK(delegate == Delegate.CPU)
            (accelerator as? org.tensorflow.lite.Delegate)?.let { options.addDelegate(it) }
            val interpreter = interpreter(model, options, delegate)
            try {
                checkNetwork(interpreter)
                return interpreter
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
            // TensorFlow Lite throws IllegalArgumentException or IllegalStateException for any error.
            throw if (delegate == Delegate.CPU) {
                ModelException(ErrorKind.MODEL_NOT_RUN, listOf(firstLine(error)), error)
            } else {
                DelegateRefused(delegate, firstLine(error), error)
            }
        }

        private fun accelerator(delegate: Delegate): AutoCloseable? = try {
            when (delegate) {
                Delegate.CPU -> null
                Delegate.GPU -> GpuAccelerator(GpuDelegate(sustainedSpeed()))
                Delegate.NNAPI -> NnApiDelegate(NnApiDelegate.Options().setUseNnapiCpu(false))
            }
        } catch (error: LinkageError) {
            throw DelegateRefused(delegate, ErrorKind.DELEGATE_MISSING, listOf(firstLine(error)), error)
        } catch (error: RuntimeException) {
            throw DelegateRefused(delegate, firstLine(error), error)
        }

        private fun sustainedSpeed() = GpuDelegateFactory.Options()
            .setInferencePreference(GpuDelegateFactory.Options.INFERENCE_PREFERENCE_SUSTAINED_SPEED)

        private fun engineMissing(error: UnsatisfiedLinkError) =
            MattingException(ErrorKind.ENGINE_MISSING, listOf(firstLine(error)), error)

        private fun interpreterSteps(model: ByteBuffer): Int =
            interpreter(model, Interpreter.Options().setUseXNNPACK(false), Delegate.CPU).use { it.executionSteps() }

        private fun checkTaken(engine: TensorFlowLiteEngine, plain: Int) {
            val steps = engine.steps
            if (steps >= minOf(plain, MAX_DELEGATE_STEPS)) {
                throw DelegateRefused(engine.delegate, ErrorKind.DELEGATE_LEAVES_STEPS, listOf("$steps", "$plain"), null)
            }
        }

        /** Run once: drivers often accept a network and then fail at its first run. */
        private fun checkRuns(engine: TensorFlowLiteEngine) = try {
            engine.infer()
        } catch (error: RuntimeException) {
            throw DelegateRefused(engine.delegate, ErrorKind.DELEGATE_FAILED_AT_FIRST, listOf(firstLine(error)), error)
        }

        private fun checkNetwork(interpreter: Interpreter) {
            val shapes = listOf(interpreter.getInputTensor(0).shape(), interpreter.getOutputTensor(0).shape())
            val fits = interpreter.inputTensorCount == 1 && shapes.all { it.size == 4 && it[0] == 1 } &&
                shapes[0][3] == 3 && shapes[1][3] == 1 && shapes[0][1] == shapes[1][1] && shapes[0][2] == shapes[1][2]
            if (!fits) {
                throw ModelException(ErrorKind.NOT_A_MATTING_NETWORK, shapes.map { it.joinToString(" x ") })
            }
            numbers(interpreter.getInputTensor(0))
            numbers(interpreter.getOutputTensor(0))
        }

        private fun numbers(tensor: Tensor): Numbers = when (tensor.dataType()) {
            DataType.FLOAT32 -> Numbers.FLOAT32
            DataType.INT8 -> Numbers.INT8
            else -> throw ModelException(ErrorKind.MODEL_NUMBERS, listOf("${tensor.dataType()}"))
        }

        private fun buffer(tensor: Tensor): ByteBuffer =
            ByteBuffer.allocateDirect(tensor.numBytes()).order(ByteOrder.nativeOrder())

        private fun firstLine(error: Throwable): String = (error.message ?: error.toString()).lineSequence().first().trim()
    }
}

/** Makes TensorFlow Lite's GPU delegate [AutoCloseable], as NNAPI's is. */
private class GpuAccelerator(private val gpu: GpuDelegate) :
    org.tensorflow.lite.Delegate,
    AutoCloseable {
    override fun getNativeHandle(): Long = gpu.nativeHandle

    override fun close() = gpu.close()
}
