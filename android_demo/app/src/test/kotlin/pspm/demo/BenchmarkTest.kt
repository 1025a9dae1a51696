package pspm.demo

import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.json.JSONObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import pspm.matting.Bundle
import pspm.matting.DelegateRefused
import pspm.matting.EngineException
import pspm.matting.InputSize
import pspm.matting.engine.Delegate
import pspm.matting.engine.Engine
import pspm.matting.engine.Numbers
import pspm.matting.pictures.Photo
import pspm.matting.pictures.YuvFrame
import pspm.matting.pictures.rgb

private const val SIDE = 32

/** A fake engine that counts its runs. */
class CountingEngine(override val delegate: Delegate, override val threads: Int) : Engine {
    override val name = "test engine 1"
    override val width = SIDE
    override val height = SIDE
    override val inputNumbers = Numbers.INT8
    override val outputNumbers = Numbers.INT8
    override val input: ByteBuffer = ByteBuffer.allocateDirect(3 * SIDE * SIDE).order(ByteOrder.nativeOrder())
    override val output: ByteBuffer = ByteBuffer.allocateDirect(SIDE * SIDE).order(ByteOrder.nativeOrder())
    var runs = 0
    var closed = false

    override fun run() {
        runs++
        for (i in 0 until SIDE * SIDE) output.put(i, (i % SIDE * 8 + Byte.MIN_VALUE).toByte())
    }

    override fun close() {
        closed = true
    }
}

/** A fake engine that fails in its second run, as drivers can. */
class FailingEngine(delegate: Delegate, private val inner: CountingEngine = CountingEngine(delegate, 1)) : Engine by inner {
    override fun run() {
        inner.run()
        if (inner.runs > 1) throw EngineException(delegate, "the driver was reset")
    }
}

val testBundle = Bundle(
    "mobile",
    "int8",
    "0".repeat(64),
    InputSize(SIDE, SIDE, SIDE),
    FloatArray(3) { 128 / 255f },
    FloatArray(3) { 1 / 255f },
    "l",
    ByteBuffer.allocate(0)
)

class BenchmarkTest {
    private val frame = YuvFrame(48, 64).also { it.fill(Photo(48, 64, IntArray(48 * 64) { i -> rgb(i % 255, 90, 90) })) }
    private val engines = mutableListOf<CountingEngine>()

    private fun benchmark(nanoTime: () -> Long = System::nanoTime) = Benchmark(
        testBundle,
        frame,
        { setting ->
            if (setting.delegate == Delegate.GPU) throw DelegateRefused(Delegate.GPU, "no driver")
            CountingEngine(setting.delegate, setting.threads).also { engines += it }
        },
        { "none" },
        nanoTime
    )

    @Test
    fun `runs the given number of warm-up and measured rounds, and closes the engine`() {
        val run = benchmark().run(Setting(Delegate.CPU, 2), warmUp = 3, rounds = 7, sustainedSeconds = 0) as Run.Measured
        assertEquals(10, engines.single().runs)
        assertTrue(engines.single().closed)
        assertEquals(3 to 7, run.warmUp to run.rounds)
        for (stage in listOf(run.pre, run.inference, run.post)) assertTrue(stage.p50 <= stage.p90 && stage.p90 <= stage.p99)
        assertEquals(run.pre.mean + run.inference.mean + run.post.mean, run.total.mean, 1e-9)
    }

    @Test
    fun `reports a refused delegate with its reason`() {
        val run = benchmark().run(Setting(Delegate.GPU, 1), 1, 1, 0) as Run.Refused
        assertTrue("no driver" in run.reason)
    }

    @Test
    fun `reports a delegate that fails while it runs`() {
        val benchmark = Benchmark(testBundle, frame, { FailingEngine(it.delegate) }, { "none" })
        val run = benchmark.run(Setting(Delegate.NNAPI, 1), 1, 3, 0) as Run.Refused
        assertTrue("the driver was reset" in run.reason, run.reason)
    }

    @Test
    fun `a session that is asked to stop while the model loads stops the benchmark when it comes`() {
        val session = BenchmarkSession()
        session.begin()
        session.stop()
        val benchmark = benchmark()
        session.benchmark = benchmark
        assertTrue(benchmark.stopped)
        session.end()
        session.begin()
        assertFalse(benchmark().also { session.benchmark = it }.stopped)
    }

    @Test
    fun `a sustained run reports its first and last tenth`() {
        // On this clock a frame takes one second in the first half and two seconds in the second.
        var now = 0L
        var asked = 0
        val clock = {
            val step = if (asked++ == 0) {
                0L
            } else if (now < 30_000_000_000L) {
                1_000_000_000L
            } else {
                2_000_000_000L
            }
            now += step
            now
        }
        val run = benchmark(clock).run(Setting(Delegate.CPU, 1), 0, 1, 60) as Run.Measured
        val sustained = run.sustained!!
        assertEquals(45, sustained.frames)
        assertEquals(60.0, sustained.seconds)
        assertEquals(0.75, sustained.fps)
        assertEquals(1.0, sustained.fpsFirstTenth)
        assertEquals(0.5, sustained.fpsLastTenth)
    }

    @Test
    fun `a stopped run keeps the rounds measured so far`() {
        val stopped = benchmark().apply { stopped = true }
        val run = stopped.run(Setting(Delegate.CPU, 1), 0, 50, 60) as Run.Measured
        assertEquals(1, run.rounds)
        assertEquals(null, run.sustained)
    }

    @Test
    fun `measures the CPU with one and several threads, the GPU and NNAPI`() {
        assertEquals(listOf("cpu 1", "cpu 4", "gpu 1", "nnapi 1"), settings(4).map { "${it.delegate.label} ${it.threads}" })
        assertEquals(3, settings(1).size)
    }

    @Test
    fun `formats the report as JSON and as text`() {
        val benchmark = benchmark()
        val runs = settings(2).map { benchmark.run(it, 1, 5, if (it.threads == 2) 1 else 0) }
        val report = Report(
            "1.0",
            "2026-01-01T00:00:00Z",
            testBundle,
            Device("Maker Model", "Android 15 (API 35)", "chip", 8),
            48 to 64,
            benchmark.engineName,
            benchmark.size
        )
        val json = report.json(runs)
        // tools/build.sh validates the file with bench.schema.json and passes it to pspm bench --compare.
        File(System.getProperty("pspm.report", "target/report.json")).writeText(json.toString(2))
        val read = JSONObject(json.toString())
        assertEquals(4, read.getJSONArray("runs").length())
        val first = read.getJSONArray("runs").getJSONObject(0)
        assertEquals("test engine 1", first.getString("engine"))
        assertEquals(1000 / (runs[0] as Run.Measured).total.mean, first.getDouble("fps"), 1e-9)
        val gpu = read.getJSONArray("runs").getJSONObject(2)
        assertTrue("no driver" in gpu.getString("refused"))
        assertFalse(gpu.has("fps"))
        val text = report.text(runs)
        for (words in listOf("Maker Model", "p99", "no driver", "sustained", "thermal state: none before")) {
            assertTrue(words in text, words)
        }
        println(text)
    }
}
