package pspm.demo

import org.json.JSONArray
import org.json.JSONObject
import pspm.matting.Bundle
import pspm.matting.LiveMatting
import pspm.matting.MattingException
import pspm.matting.Statistics
import pspm.matting.engine.Delegate
import pspm.matting.engine.Engine
import pspm.matting.pictures.YuvFrame

/** The processor and the number of threads of a run. */
data class Setting(val delegate: Delegate, val threads: Int)

/** Frames that come at an even rate, as from a camera: how many were shown, and how many dropped. */
data class Paced(val fps: Int, val seconds: Double, val frames: Int, val dropped: Int)

/** The result of running frames without a pause, for example for a minute. [tenths]: frames a second in each tenth. */
data class Sustained(val seconds: Double, val frames: Int, val fps: Double, val tenths: List<Double>)

/** What a device says about itself before and after a run. */
data class Conditions(val thermal: String, val power: String)

/** The result of one [Setting] and effect. */
sealed interface Run {
    val setting: Setting

    /** The device cannot run this setting, for the given reason. */
    data class Refused(override val setting: Setting, val reason: MattingException) : Run

    /** Latencies of the stages and of loading, in milliseconds. [memoryMb]: peak memory so far, if it is known. */
    data class Measured(
        override val setting: Setting,
        val effect: String,
        val loadMillis: Double,
        val firstFrameMillis: Double,
        val warmUp: Int,
        val rounds: Int,
        val pre: Statistics,
        val inference: Statistics,
        val post: Statistics,
        val total: Statistics,
        val paced: Paced?,
        val sustained: Sustained?,
        val memoryMb: Double?,
        val before: Conditions,
        val after: Conditions
    ) : Run
}

/** The device, as written to a benchmark report. */
data class Device(val name: String, val system: String, val processor: String, val cores: Int)

/**
 * Measures one model on one upright camera frame with each effect of [BenchmarkProtocol].
 *
 * [open] creates an engine and may throw. [conditions] and [memoryMb] ask the device, [nanoTime] is the clock and [sleep]
 * waits for some nanoseconds. Tests replace all of them.
 */
class Benchmark(
    private val bundle: Bundle,
    private val frame: YuvFrame,
    private val open: (Setting) -> Engine,
    private val conditions: () -> Conditions,
    private val memoryMb: () -> Double? = { null },
    private val nanoTime: () -> Long = System::nanoTime,
    private val sleep: (Long) -> Unit = { Thread.sleep(it / 1_000_000, (it % 1_000_000).toInt()) }
) {
    /** Set it from another thread to stop early. The rounds measured so far are kept. */
    @Volatile
    var stopped = false

    /** Name and version of the engine. The version is known after the first run that was not refused. */
    var engineName = "TensorFlow Lite"
        private set

    /** (width, height) of the network's view. */
    var size: Pair<Int, Int> = bundle.size.fit(frame.width, frame.height)
        private set

    /** Measure a setting with every effect. [sustainedSeconds]: length of the sustained run of each, 0 for none. */
    fun run(setting: Setting, rounds: Int, sustainedSeconds: Int): List<Run> {
        val done = mutableListOf<Run>()
        try {
            val began = nanoTime()
            open(setting).use { engine ->
                val opened = nanoTime()
                engineName = engine.name
                size = engine.width to engine.height
                val live = LiveMatting(bundle, engine, frame.width, frame.height)
                live.background = BenchmarkProtocol.EFFECTS.getValue("none")
                val ready = nanoTime()
                live.run(frame, 0, false)
                val first = nanoTime()
                val start = Start((opened - began) / MILLION, (first - ready) / MILLION)
                for ((effect, background) in BenchmarkProtocol.EFFECTS) {
                    if (stopped && done.isNotEmpty()) break
                    live.background = background
                    done += measure(live, setting, effect, start, rounds, sustainedSeconds)
                }
            }
        } catch (error: MattingException) {
            done += Run.Refused(setting, error)
        }
        return done
    }

    private class Start(val loadMillis: Double, val firstFrameMillis: Double)

    private fun measure(
        live: LiveMatting,
        setting: Setting,
        effect: String,
        start: Start,
        rounds: Int,
        sustainedSeconds: Int
    ): Run {
        val before = conditions()
        repeat(BenchmarkProtocol.WARM_UP) { live.run(frame, 0, false) }
        val pre = DoubleArray(rounds)
        val inference = DoubleArray(rounds)
        val post = DoubleArray(rounds)
        var done = 0
        while (done < rounds && (done == 0 || !stopped)) {
            live.run(frame, 0, false)
            pre[done] = live.preNanos / MILLION
            inference[done] = live.inferenceNanos / MILLION
            post[done] = live.postNanos / MILLION
            done++
        }
        val paced = if (stopped) null else pace(live)
        val sustained = if (sustainedSeconds > 0 && !stopped) sustain(live, sustainedSeconds) else null
        return Run.Measured(
            setting,
            effect,
            start.loadMillis,
            start.firstFrameMillis,
            BenchmarkProtocol.WARM_UP,
            done,
            Statistics.summary(pre.copyOf(done)),
            Statistics.summary(inference.copyOf(done)),
            Statistics.summary(post.copyOf(done)),
            Statistics.summary(DoubleArray(done) { pre[it] + inference[it] + post[it] }),
            paced,
            sustained,
            memoryMb(),
            before,
            conditions()
        )
    }

    /** A frame that comes while another is computed is dropped, unless it is the newest when that one is done. */
    private fun pace(live: LiveMatting): Paced? {
        val gap = SECOND / BenchmarkProtocol.PACED_FPS
        val frames = BenchmarkProtocol.PACED_FPS * BenchmarkProtocol.PACED_SECONDS
        val began = nanoTime()
        var shown = 0
        var number = 0
        while (number < frames) {
            if (stopped) return null
            val early = began + number * gap - nanoTime()
            if (early > 0) sleep(early)
            live.run(frame, 0, false)
            shown++
            number = maxOf(number + 1, ((nanoTime() - began) / gap).toInt())
        }
        return Paced(BenchmarkProtocol.PACED_FPS, BenchmarkProtocol.PACED_SECONDS.toDouble(), shown, frames - shown)
    }

    private fun sustain(live: LiveMatting, seconds: Int): Sustained {
        val began = nanoTime()
        val ends = mutableListOf<Double>()
        do {
            live.run(frame, 0, false)
            ends += (nanoTime() - began) / SECOND.toDouble()
        } while (ends.last() < seconds && !stopped)
        val whole = ends.last()
        val tenths = List(TENTHS) { i ->
            ends.count { it > whole * i / TENTHS && it <= whole * (i + 1) / TENTHS } * TENTHS /
                whole
        }
        return Sustained(whole, ends.size, ends.size / whole, tenths)
    }

    private companion object {
        const val SECOND = 1_000_000_000L
        const val MILLION = 1e6
        const val TENTHS = 10
    }
}

/** The settings to measure: the CPU with one thread and with [threads], the GPU, and NNAPI. */
fun settings(threads: Int): List<Setting> = listOf(1, threads).distinct().map { Setting(Delegate.CPU, it) } +
    Setting(Delegate.GPU, 1) + Setting(Delegate.NNAPI, 1)

/** Formats results as JSON with the schema of `pspm bench`, so that `pspm bench --compare` can compare phones with laptops. */
class Report(
    private val version: String,
    private val measured: String,
    private val bundle: Bundle,
    private val device: Device,
    private val frame: Pair<Int, Int>,
    private val engine: String,
    private val size: Pair<Int, Int>,
    private val isDebug: Boolean
) {
    /** The report as JSON. */
    fun json(runs: List<Run>): JSONObject = JSONObject()
        .put("schema", 2)
        .put("build", if (isDebug) "debug" else "release")
        .put("pspm", version)
        .put("app", "android")
        .put("measured", measured)
        .put("model", model())
        .put(
            "device",
            JSONObject()
                .put("name", device.name)
                .put("system", device.system)
                .put("processor", device.processor)
                .put("cores", device.cores)
        )
        .put(
            "frame",
            JSONObject()
                .put("width", frame.first)
                .put("height", frame.second)
                .put("content", BenchmarkProtocol.CONTENT)
        )
        .put("runs", JSONArray(runs.map { run(it) }))

    private fun run(run: Run): JSONObject {
        val result = JSONObject()
            .put("engine", engine)
            .put("delegate", run.setting.delegate.label)
            .put("precision", bundle.precision)
            .put("threads", run.setting.threads)
            .put("size", JSONArray(listOf(size.second, size.first)))
            .put("model", model())
        return when (run) {
            is Run.Refused -> result.put("effect", BenchmarkProtocol.EFFECTS.keys.first()).put("refused", run.reason.message)
            is Run.Measured -> measured(result, run)
        }
    }

    private fun model() = JSONObject().put("name", bundle.name).put("sha256", bundle.sha256)

    private fun measured(result: JSONObject, run: Run.Measured): JSONObject {
        result
            .put("effect", run.effect)
            .put("load_ms", run.loadMillis)
            .put("first_frame_ms", run.firstFrameMillis)
            .put("warm_up", run.warmUp)
            .put("rounds", run.rounds)
            .put(
                "stages_ms",
                JSONObject()
                    .put("pre", stage(run.pre, run.rounds))
                    .put("inference", stage(run.inference, run.rounds))
                    .put("post", stage(run.post, run.rounds))
                    .put("total", stage(run.total, run.rounds))
            )
            .put("fps", 1000 / run.total.mean)
            .put("memory_mb", run.memoryMb ?: JSONObject.NULL)
            .put("thermal", JSONObject().put("before", run.before.thermal).put("after", run.after.thermal))
            .put("power", JSONObject().put("before", run.before.power).put("after", run.after.power))
        run.paced?.let { result.put("paced", paced(it)) }
        run.sustained?.let { result.put("sustained", sustained(it)) }
        return result
    }

    private fun paced(paced: Paced) = JSONObject()
        .put("fps", paced.fps)
        .put("seconds", paced.seconds)
        .put("frames", paced.frames)
        .put("dropped", paced.dropped)

    private fun sustained(sustained: Sustained) = JSONObject()
        .put("seconds", sustained.seconds)
        .put("frames", sustained.frames)
        .put("fps", sustained.fps)
        .put("fps_first_tenth", sustained.tenths.first())
        .put("fps_last_tenth", sustained.tenths.last())
        .put("fps_tenths", JSONArray(sustained.tenths))

    private fun stage(statistics: Statistics, rounds: Int) = JSONObject()
        .put("mean", statistics.mean)
        .put("p50", statistics.p50)
        .put("p90", statistics.p90)
        .apply { if (rounds >= BenchmarkProtocol.P99_FROM) put("p99", statistics.p99) }

    /** The report as text for the screen, one block for each run. [sentence]: the text of an error. */
    fun text(runs: List<Run>, sentence: (MattingException) -> String): String = buildString {
        appendLine("${bundle.name} ${bundle.precision}, ${size.first} x ${size.second}, $engine")
        appendLine("${device.name}, ${device.system}, ${device.processor}, ${device.cores} cores")
        for (run in runs) appendRun(run, sentence)
    }

    private fun StringBuilder.appendRun(run: Run, sentence: (MattingException) -> String) {
        val threads = if (run.setting.delegate == Delegate.CPU) ", threads: ${run.setting.threads}" else ""
        appendLine()
        append("${run.setting.delegate.label}$threads")
        when (run) {
            is Run.Refused -> appendLine("\n${sentence(run.reason)}")
            is Run.Measured -> appendMeasured(run)
        }
    }

    private fun StringBuilder.appendMeasured(run: Run.Measured) {
        appendLine(", effect ${run.effect}: %.1f frames a second".format(1000 / run.total.mean))
        appendLine("loaded in %.0f ms, first frame %.0f ms".format(run.loadMillis, run.firstFrameMillis))
        val hasP99 = run.rounds >= BenchmarkProtocol.P99_FROM
        appendLine("%-10s%8s%8s%8s".format("ms", "mean", "p50", "p90") + if (hasP99) "%8s".format("p99") else "")
        val stages = listOf("pre" to run.pre, "inference" to run.inference, "post" to run.post, "total" to run.total)
        for ((name, s) in stages) {
            append("%-10s%8.1f%8.1f%8.1f".format(name, s.mean, s.p50, s.p90))
            appendLine(if (hasP99) "%8.1f".format(s.p99) else "")
        }
        run.paced?.let { appendLine("of ${it.fps} frames a second: ${it.frames} shown, ${it.dropped} dropped") }
        appendLine("thermal state: ${run.before.thermal} before, ${run.after.thermal} after; power: ${run.after.power}")
        run.sustained?.let {
            val tenths = it.tenths.joinToString { fps -> "%.1f".format(fps) }
            appendLine("sustained %.0f s: %.1f frames a second; by tenths: %s".format(it.seconds, it.fps, tenths))
        }
    }
}
