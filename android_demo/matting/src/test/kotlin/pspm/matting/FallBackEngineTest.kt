package pspm.matting

import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicReference
import kotlin.concurrent.thread
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import pspm.matting.engine.Delegate
import pspm.matting.engine.Engine
import pspm.matting.engine.FallBackEngine
import pspm.matting.engine.Numbers
import pspm.matting.engine.OwnThread

private const val SIDE = 4

/** Adds [difference] to its input; fails from the run [failsAt] on. */
private class AddingEngine(override val delegate: Delegate, private val difference: Int, private val failsAt: Int = 99) :
    Engine {
    override val name = "adds $difference"
    override val threads = 1
    override val width = SIDE
    override val height = SIDE
    override val inputNumbers = Numbers.INT8
    override val outputNumbers = Numbers.INT8
    override val input: ByteBuffer = ByteBuffer.allocateDirect(SIDE * SIDE)
    override val output: ByteBuffer = ByteBuffer.allocateDirect(SIDE * SIDE)
    var runs = 0
    var closed = false

    override fun run() {
        if (++runs >= failsAt) throw EngineException(delegate, "the driver was reset")
        for (i in 0 until SIDE * SIDE) output.put(i, (input[i] + difference).toByte())
    }

    override fun close() {
        closed = true
    }
}

class FallBackEngineTest {
    private val gpu = AddingEngine(Delegate.GPU, 1, failsAt = 2)
    private val cpu = AddingEngine(Delegate.CPU, 5)
    private val refusals = mutableListOf<DelegateRefused>()
    private val engine = FallBackEngine(gpu, { cpu }) { refusals += it }

    private fun run(value: Int): Int {
        for (i in 0 until SIDE * SIDE) engine.input.put(i, value.toByte())
        engine.run()
        return engine.output[SIDE].toInt()
    }

    @Test
    fun `the CPU runs the same picture when the delegate fails, and stays`() {
        assertEquals(11, run(10))
        assertEquals(Delegate.GPU, engine.delegate)
        assertEquals(25, run(20))
        assertEquals(Delegate.CPU, engine.delegate)
        assertEquals(35, run(30))
        assertEquals(2 to 2, gpu.runs to cpu.runs)
        assertTrue(gpu.closed)
        assertFalse(cpu.closed)
    }

    @Test
    fun `the reason is told once`() {
        repeat(3) { run(0) }
        val refusal = refusals.single()
        assertEquals(Delegate.GPU, refusal.delegate)
        assertEquals(ErrorKind.DELEGATE_FAILED_LATER, refusal.kind)
        assertEquals(listOf("GPU", "the driver was reset"), refusal.arguments)
    }

    @Test
    fun `a failure of the CPU is thrown`() {
        val broken = AddingEngine(Delegate.CPU, 0, failsAt = 1)
        val error = assertThrows(EngineException::class.java) { FallBackEngine(gpu, { broken }) { }.apply { run() }.run() }
        assertTrue("close other apps" in error.message!!, error.message)
    }

    @Test
    fun `close closes the engine in use`() {
        repeat(2) { run(0) }
        engine.close()
        assertTrue(cpu.closed)
    }

    @Test
    fun `jobs of several threads run on one thread, and their errors come back`() {
        OwnThread("test").use { own ->
            val first = own.call { Thread.currentThread() }
            val second = AtomicReference<Thread>()
            thread { second.set(own.call { Thread.currentThread() }) }.join()
            assertEquals(first, second.get())
            assertTrue(first != Thread.currentThread())
            assertThrows(ModelException::class.java) { own.call { throw ModelException(ErrorKind.MANIFEST_INVALID) } }
        }
    }
}
