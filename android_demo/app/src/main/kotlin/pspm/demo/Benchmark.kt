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

/** The result of running frames without a pause, for example for a minute. */
data class Sustained(val seconds: Double, val frames: Int, val fps: Double, val fpsFirstTenth: Double, val fpsLastTenth: Double)

/** The result of one [Setting]. */
sealed interface Run {
    val setting: Setting

    /** The device cannot run this setting, for the given reason. */
    data class Refused(override val setting: Setting, val reason: String) : Run

    /** Latencies of the stages, in milliseconds. */
    data class Measured(
        override val setting: Setting,
        val warmUp: Int,
        val rounds: Int,
        val pre: Statistics,
        val inference: Statistics,
        val post: Statistics,
        val total: Statistics,
        val thermalBefore: String,
        val thermalAfter: String,
        val sustained: Sustained?
    ) : Run
}

/** The device, as written to a benchmark report. */
data class Device(val name: String, val system: String, val processor: String, val cores: Int)

/**
 * Measures one model on one upright camera frame whose background is replaced by a colour.
 *
 * [open] creates an engine and may throw, [thermal] returns the device's thermal state, [nanoTime] is the clock. Tests
 * replace all three.
 */
class Benchmark(
    private val bundle: Bundle,
    private val frame: YuvFrame,
    private val open: (Setting) -> Engine,
    private val thermal: () -> String,
    private val nanoTime: () -> Long = System::nanoTime
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

    /** Measure a setting. [sustainedSeconds]: length of the sustained run, 0 for none. */
    fun run(setting: Setting, warmUp: Int, rounds: Int, sustainedSeconds: Int): Run = try {
        open(setting).use { measure(it, setting, warmUp, rounds, sustainedSeconds) }
    } catch (error: MattingException) {
        Run.Refused(setting, error.message.orEmpty())
    }

    private fun measure(engine: Engine, setting: Setting, warmUp: Int, rounds: Int, sustainedSeconds: Int): Run {
        engineName = engine.name
        size = engine.width to engine.height
        val live = LiveMatting(bundle, engine, frame.width, frame.height)
        val before = thermal()
        repeat(warmUp) { live.run(frame, 0, false) }
        val pre = DoubleArray(rounds)
        val inference = DoubleArray(rounds)
        val post = DoubleArray(rounds)
        var done = 0
        while (done < rounds && (done == 0 || !stopped)) {
            live.run(frame, 0, false)
            pre[done] = live.preNanos / 1e6
            inference[done] = live.inferenceNanos / 1e6
            post[done] = live.postNanos / 1e6
            done++
        }
        val sustained = if (sustainedSeconds > 0 && !stopped) sustain(live, sustainedSeconds) else null
        return Run.Measured(
            setting,
            warmUp,
            done,
            Statistics.summary(pre.copyOf(done)),
            Statistics.summary(inference.copyOf(done)),
            Statistics.summary(post.copyOf(done)),
            Statistics.summary(DoubleArray(done) { pre[it] + inference[it] + post[it] }),
            before,
            thermal(),
            sustained
        )
    }

    private fun sustain(live: LiveMatting, seconds: Int): Sustained {
        val began = nanoTime()
        val end = began + seconds * SECOND
        val tenth = seconds * SECOND / 10
        var frames = 0
        var first = 0
        var last = 0
        var now = began
        while (now < end && !stopped) {
            live.run(frame, 0, false)
            now = nanoTime()
            frames++
            if (now - began <= tenth) first++
            if (now > end - tenth) last++
        }
        val took = (now - began) / SECOND.toDouble()
        val tenthSeconds = seconds / 10.0
        return Sustained(took, frames, frames / took, first / tenthSeconds, last / tenthSeconds)
    }

    private companion object {
        const val SECOND = 1_000_000_000L
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
    private val size: Pair<Int, Int>
) {
    /** The report as JSON. */
    fun json(runs: List<Run>): JSONObject = JSONObject()
        .put("schema", 1)
        .put("pspm", version)
        .put("app", "android")
        .put("measured", measured)
        .put("model", JSONObject().put("name", bundle.name).put("sha256", bundle.sha256))
        .put(
            "device",
            JSONObject()
                .put("name", device.name)
                .put("system", device.system)
                .put("processor", device.processor)
                .put("cores", device.cores)
        )
        .put("frame", JSONObject().put("width", frame.first).put("height", frame.second))
        .put("runs", JSONArray(runs.map { run(it) }))

    private fun run(run: Run): JSONObject {
        val result = JSONObject()
            .put("engine", engine)
            .put("delegate", run.setting.delegate.label)
            .put("precision", bundle.precision)
            .put("threads", run.setting.threads)
            .put("size", JSONArray(listOf(size.second, size.first)))
        return when (run) {
            is Run.Refused -> result.put("refused", run.reason)
            is Run.Measured -> measured(result, run)
        }
    }

    private fun measured(result: JSONObject, run: Run.Measured): JSONObject {
        result
            .put("warm_up", run.warmUp)
            .put("rounds", run.rounds)
            .put(
                "stages_ms",
                JSONObject()
                    .put("pre", stage(run.pre))
                    .put("inference", stage(run.inference))
                    .put("post", stage(run.post))
                    .put("total", stage(run.total))
            )
            .put("fps", 1000 / run.total.mean)
            .put("thermal", JSONObject().put("before", run.thermalBefore).put("after", run.thermalAfter))
        val sustained = run.sustained ?: return result
        return result.put(
            "sustained",
            JSONObject()
                .put("seconds", sustained.seconds)
                .put("frames", sustained.frames)
                .put("fps", sustained.fps)
                .put("fps_first_tenth", sustained.fpsFirstTenth)
                .put("fps_last_tenth", sustained.fpsLastTenth)
        )
    }

    private fun stage(statistics: Statistics) = JSONObject()
        .put("mean", statistics.mean)
        .put("p50", statistics.p50)
        .put("p90", statistics.p90)
        .put("p99", statistics.p99)

    /** The report as text for the screen, one block for each run. */
    fun text(runs: List<Run>): String = buildString {
        appendLine("${bundle.name} ${bundle.precision}, ${size.first} x ${size.second}, $engine")
        appendLine("${device.name}, ${device.system}, ${device.processor}, ${device.cores} cores")
        for (run in runs) appendRun(run)
    }

    private fun StringBuilder.appendRun(run: Run) {
        val threads = if (run.setting.delegate == Delegate.CPU) ", threads: ${run.setting.threads}" else ""
        appendLine()
        append("${run.setting.delegate.label}$threads")
        when (run) {
            is Run.Refused -> appendLine("\n${run.reason}")
            is Run.Measured -> appendMeasured(run)
        }
    }

    private fun StringBuilder.appendMeasured(run: Run.Measured) {
        appendLine(": %.1f frames a second".format(1000 / run.total.mean))
        appendLine("%-10s%8s%8s%8s%8s".format("ms", "mean", "p50", "p90", "p99"))
        val stages = listOf("pre" to run.pre, "inference" to run.inference, "post" to run.post, "total" to run.total)
        for ((name, s) in stages) appendLine("%-10s%8.1f%8.1f%8.1f%8.1f".format(name, s.mean, s.p50, s.p90, s.p99))
        appendLine("thermal state: ${run.thermalBefore} before, ${run.thermalAfter} after")
        run.sustained?.let {
            appendLine(
                "sustained %.0f s: %.1f frames a second, %.1f in the first tenth, %.1f in the last"
                    .format(it.seconds, it.fps, it.fpsFirstTenth, it.fpsLastTenth)
            )
        }
    }
}
