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
import pspm.matting.ErrorKind
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

    private fun benchmark() = Benchmark(
        testBundle,
        frame,
        { setting ->
            if (setting.delegate == Delegate.GPU) throw DelegateRefused(Delegate.GPU, "no driver")
            CountingEngine(setting.delegate, setting.threads).also { engines += it }
        },
        { Conditions("none", "battery 80 %") },
        { 123.0 },
        sleep = {}
    )

    /** A benchmark on a clock of its own: a frame takes [frameNanos] of the number of frames so far. */
    private class Clocked(bundle: Bundle, frame: YuvFrame, private val frameNanos: (Int) -> Long) {
        var now = 0L
        private var runs = 0
        private val inner = CountingEngine(Delegate.CPU, 1)
        private val engine = object : Engine by inner {
            override fun run() {
                now += frameNanos(runs++)
                inner.run()
            }
        }
        val benchmark =
            Benchmark(bundle, frame, { engine }, { Conditions("none", "unknown") }, nanoTime = { now }, sleep = {
                now +=
                    it
            })
    }

    @Test
    fun `runs the warm-up and the measured rounds with every effect, and closes the engine`() {
        val runs = benchmark().run(Setting(Delegate.CPU, 2), rounds = 7, sustainedSeconds = 0).map { it as Run.Measured }
        assertEquals(listOf("none", "colour", "blur"), runs.map { it.effect })
        assertTrue(engines.single().closed)
        for (run in runs) {
            assertEquals(BenchmarkProtocol.WARM_UP to 7, run.warmUp to run.rounds)
            for (stage in listOf(run.pre, run.inference, run.post)) assertTrue(stage.p50 <= stage.p90 && stage.p90 <= stage.p99)
            assertEquals(run.pre.mean + run.inference.mean + run.post.mean, run.total.mean, 1e-9)
            assertEquals(150, run.paced!!.frames + run.paced.dropped)
            assertEquals(123.0, run.memoryMb)
        }
        val paced = runs.sumOf { it.paced!!.frames }
        assertEquals(1 + 3 * (BenchmarkProtocol.WARM_UP + 7) + paced, engines.single().runs)
    }

    @Test
    fun `reports a refused delegate with its reason`() {
        val run = benchmark().run(Setting(Delegate.GPU, 1), 1, 0).single() as Run.Refused
        assertEquals(ErrorKind.DELEGATE_REFUSED to listOf("GPU", "no driver"), run.reason.kind to run.reason.arguments)
    }

    @Test
    fun `reports a delegate that fails while it runs`() {
        val benchmark =
            Benchmark(testBundle, frame, { FailingEngine(it.delegate) }, { Conditions("none", "unknown") }, sleep = {})
        val run = benchmark.run(Setting(Delegate.NNAPI, 1), 3, 0).single() as Run.Refused
        assertEquals(listOf("NNAPI", "the driver was reset"), run.reason.arguments)
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
    fun `frames that come during another are dropped`() {
        for ((millis, shown) in listOf(10L to 150, 40L to 125, 100L to 50)) {
            val clocked = Clocked(testBundle, frame) { millis * 1_000_000 }
            val paced = (clocked.benchmark.run(Setting(Delegate.CPU, 1), 1, 0).first() as Run.Measured).paced!!
            assertEquals(shown.toDouble(), paced.frames.toDouble(), 1.0, "$millis ms")
            assertEquals(150, paced.frames + paced.dropped)
        }
    }

    @Test
    fun `a sustained run reports its tenths`() {
        // A frame takes half a second before the sustained run ends its first half, and a second afterwards.
        val warm = 1 + BenchmarkProtocol.WARM_UP + 1 + 10
        val clocked = Clocked(testBundle, frame) { if (it < warm + 60) 500_000_000L else 1_000_000_000L }
        val run = clocked.benchmark.run(Setting(Delegate.CPU, 1), 1, 60).first() as Run.Measured
        val sustained = run.sustained!!
        assertEquals(60.0, sustained.seconds, 1.1)
        assertEquals(2.0, sustained.tenths.first(), 0.2)
        assertEquals(1.0, sustained.tenths.last(), 0.2)
        assertEquals(sustained.fps, sustained.tenths.average(), 0.05)
        assertEquals(10, sustained.tenths.size)
    }

    @Test
    fun `a stopped run keeps the rounds measured so far`() {
        val stopped = benchmark().apply { stopped = true }
        val run = stopped.run(Setting(Delegate.CPU, 1), 50, 60).single() as Run.Measured
        assertEquals(1, run.rounds)
        assertEquals(null, run.paced)
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
        val runs = settings(2).flatMap { benchmark.run(it, if (it.threads == 2) 100 else 5, if (it.threads == 2) 1 else 0) }
        val report = Report(
            "1.0",
            "2026-01-01T00:00:00Z",
            testBundle,
            Device("Maker Model", "Android 15 (API 35)", "chip", 8),
            48 to 64,
            benchmark.engineName,
            benchmark.size,
            false
        )
        val json = report.json(runs)
        // tools/build.sh validates the file with bench.schema.json and passes it to pspm bench --compare.
        File(System.getProperty("pspm.report", "target/report.json")).writeText(json.toString(2))
        val read = JSONObject(json.toString())
        assertEquals(3 + 3 + 1 + 3, read.getJSONArray("runs").length())
        val first = read.getJSONArray("runs").getJSONObject(0)
        assertEquals("test engine 1", first.getString("engine"))
        assertEquals(1000 / (runs[0] as Run.Measured).total.mean, first.getDouble("fps"), 1e-9)
        assertEquals("none", first.getString("effect"))
        assertFalse(first.getJSONObject("stages_ms").getJSONObject("total").has("p99"))
        val second = read.getJSONArray("runs").getJSONObject(3)
        assertTrue(second.getJSONObject("stages_ms").getJSONObject("total").has("p99"))
        assertEquals(10, second.getJSONObject("sustained").getJSONArray("fps_tenths").length())
        val gpu = read.getJSONArray("runs").getJSONObject(6)
        assertTrue("no driver" in gpu.getString("refused"))
        assertFalse(gpu.has("fps"))
        val text = report.text(runs) { "${it.arguments}" }
        for (words in listOf("Maker Model", "p99", "no driver", "sustained", "thermal state: none before")) {
            assertTrue(words in text, words)
        }
        println(text)
    }
}
