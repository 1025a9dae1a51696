package pspm.demo

import android.content.ClipData
import android.content.ClipboardManager
import android.os.Bundle
import android.view.ViewConfiguration
import android.view.WindowManager
import android.widget.ArrayAdapter
import android.widget.Button
import android.widget.CheckBox
import android.widget.Spinner
import android.widget.TextView
import java.io.IOException
import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale
import java.util.TimeZone
import pspm.matting.ErrorKind
import pspm.matting.MattingException
import pspm.matting.ModelException
import pspm.matting.engine.TensorFlowLiteEngine
import pspm.matting.pictures.Filter
import pspm.matting.pictures.Photo
import pspm.matting.pictures.Resample
import pspm.matting.pictures.YuvFrame
import pspm.matting.stages.coverBox

/** Measures how fast the device runs the models. */
class BenchmarkActivity : Screen<BenchmarkSession>(R.layout.benchmark, R.id.benchmark) {
    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        findViewById<TextView>(R.id.hint).text = getString(R.string.benchmark_hint, WIDTH, HEIGHT)
        choices(R.id.rounds, ROUNDS.map { it.toString() })
        try {
            choices(R.id.model, Models(assets).names())
        } catch (error: MattingException) {
            showStatus(resources.sentence(error))
            findViewById<Button>(R.id.start).isEnabled = false
        }
        onTap(R.id.start) { if (session.running) session.stop() else start() }
        onTap(R.id.copy) { copy() }
        onTap(R.id.share) { share() }
        showRunning(session.running)
        showText(session.text)
        // If the device was turned during a run, this job waits for its end.
        work {
            onScreen { showRunning(session.running) }
            showText(session.text)
        }
    }

    override fun onPause() {
        // In the background a phone slows down, so results would be wrong.
        if (!isChangingConfigurations) session.stop()
        super.onPause()
    }

    override fun newSession() = BenchmarkSession()

    private fun choices(id: Int, names: List<String>) {
        val adapter = ArrayAdapter(this, android.R.layout.simple_spinner_item, names)
        adapter.setDropDownViewResource(android.R.layout.simple_spinner_dropdown_item)
        findViewById<Spinner>(id).adapter = adapter
    }

    private fun start() {
        val model = findViewById<Spinner>(R.id.model).selectedItem as String
        val rounds = (findViewById<Spinner>(R.id.rounds).selectedItem as String).toInt()
        val isSustained = findViewById<CheckBox>(R.id.sustained).isChecked
        val seconds = if (isSustained) BenchmarkProtocol.SUSTAINED_SECONDS else 0
        session.begin()
        showRunning(true)
        ignoreSecondTap()
        showStatus(getString(R.string.working))
        work {
            try {
                measure(model, rounds, seconds)
            } finally {
                session.end()
                onScreen { showRunning(false) }
            }
        }
    }

    /** The second of two quick taps would stop what the first has started. */
    private fun ignoreSecondTap() {
        val button = findViewById<Button>(R.id.start)
        button.isEnabled = false
        button.postDelayed({ button.isEnabled = true }, ViewConfiguration.getDoubleTapTimeout().toLong())
    }

    private fun measure(model: String, rounds: Int, seconds: Int) {
        val bundle = Models(assets).read(model)
        val device = ThisDevice(this)
        val threads = TensorFlowLiteEngine.defaultThreads()
        val benchmark = Benchmark(
            bundle,
            sampleFrame(),
            { TensorFlowLiteEngine.open(bundle.model, it.delegate, it.threads) },
            device::conditions,
            device::peakMemoryMb
        )
        session.benchmark = benchmark
        val runs = mutableListOf<Run>()
        for (setting in settings(threads)) {
            if (benchmark.stopped) break
            runs += benchmark.run(setting, rounds, seconds)
            val report = Report(
                getString(R.string.version),
                now(),
                bundle,
                device.describe(),
                WIDTH to HEIGHT,
                benchmark.engineName,
                benchmark.size,
                device.isDebugBuild
            )
            session.text = report.text(runs, resources::sentence)
            session.json = report.json(runs).toString(2)
            showText(session.text)
        }
        showStatus("")
    }

    private fun showText(text: String) = onScreen { findViewById<TextView>(R.id.result).text = text }

    /** The sample portrait from the assets, as an upright camera frame. */
    private fun sampleFrame(): YuvFrame {
        val sample = when (val opened = Photos(this).openSample()) {
            is Opened.Success -> opened.photo
            is Opened.Failure -> throw ModelException(ErrorKind.FILE_UNREADABLE, listOf(Photos.SAMPLE))
        }
        val box = coverBox(sample.width, sample.height, WIDTH, HEIGHT)
        val pixels = IntArray(WIDTH * HEIGHT)
        Resample(sample.width, sample.height, WIDTH, HEIGHT, Filter.BILINEAR, box).run(sample.pixels, pixels)
        return YuvFrame(WIDTH, HEIGHT).apply { fill(Photo(WIDTH, HEIGHT, pixels)) }
    }

    private fun showRunning(now: Boolean) {
        findViewById<Button>(R.id.start).setText(if (now) R.string.stop else R.string.start)
        val flag = WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON
        if (now) window.addFlags(flag) else window.clearFlags(flag)
    }

    private fun copy() {
        val text = session.json ?: return showStatus(getString(R.string.nothing_yet))
        getSystemService(ClipboardManager::class.java).setPrimaryClip(ClipData.newPlainText("pspm", text))
        showStatus(getString(R.string.copied))
    }

    private fun share() {
        val text = session.json ?: return showStatus(getString(R.string.nothing_yet))
        try {
            SharedFiles.fileOf(this, RESULT).writeText(text)
        } catch (error: IOException) {
            showStatus(getString(R.string.not_saved, error.message))
            return
        }
        startOther(Shares.send(RESULT, "application/json"), 1)
    }

    private fun now(): String = SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT)
        .apply { timeZone = TimeZone.getTimeZone("UTC") }
        .format(Date())

    private companion object {
        const val WIDTH = BenchmarkProtocol.WIDTH
        const val HEIGHT = BenchmarkProtocol.HEIGHT
        const val RESULT = "pspm-bench.json"
        val ROUNDS = listOf(BenchmarkProtocol.ROUNDS, 20)
    }
}
