package pspm.demo

import com.sun.management.OperatingSystemMXBean
import java.awt.image.BufferedImage
import java.io.File
import java.lang.management.ManagementFactory
import java.time.Instant
import java.time.temporal.ChronoUnit
import javax.imageio.ImageIO
import kotlin.math.max
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledIfSystemProperty
import pspm.matting.Bundle
import pspm.matting.LiveMatting
import pspm.matting.engine.Delegate
import pspm.matting.engine.Engine
import pspm.matting.engine.TensorFlowLiteEngine
import pspm.matting.pictures.Photo
import pspm.matting.pictures.YuvFrame

/** The benchmark of the app with its real engine and models, in the JVM of a desktop: tools/bench.sh. */
@EnabledIfSystemProperty(named = "pspm.bench", matches = ".+")
class DesktopBenchmarkTest {
    @Test
    fun `measures the models of Live and Photo on this machine`() {
        loadShim()
        val out = File(System.getProperty("pspm.bench"))
        for (model in listOf(Models.LIVE, Models.PHOTO)) {
            val bundle = bundle(model)
            val benchmark = Benchmark(
                bundle,
                sampleFrame(),
                { TensorFlowLiteEngine.open(bundle.model, it.delegate, it.threads) },
                { Conditions("unknown", "unknown") }
            )
            val threads = listOf(1, Runtime.getRuntime().availableProcessors()).distinct()
            val runs = threads.flatMap { benchmark.run(Setting(Delegate.CPU, it), BenchmarkProtocol.ROUNDS, 0) }
            assertTrue(runs.all { it is Run.Measured }, runs.toString())
            val report = Report(
                System.getProperty("pspm.version"),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                bundle,
                thisMachine(),
                BenchmarkProtocol.WIDTH to BenchmarkProtocol.HEIGHT,
                benchmark.engineName,
                benchmark.size,
                isDebug = false
            )
            File(out, "$model.json").writeText(report.json(runs).toString(1) + "\n")
            println(report.text(runs) { it.message.orEmpty() })
        }
    }

    /** What a frame's composition takes in bands, as wall time and as CPU time of all threads. The engine does not run. */
    @Test
    @EnabledIfSystemProperty(named = "pspm.bands", matches = ".+")
    fun `measures the composition by the number of bands`() {
        loadShim()
        val bundle = bundle(System.getProperty("pspm.bands"))
        val source = sampleFrame()
        val (width, height) = source.width to source.height
        println("${thisMachine().name}, ${thisMachine().cores} cores; ${bundle.name}, frames of $width x $height")
        println("%-8s%6s%12s%12s%12s".format("effect", "bands", "fastest ms", "median ms", "CPU ms"))
        TensorFlowLiteEngine.open(bundle.model, Delegate.CPU, 1).use { engine ->
            for ((effect, background) in BenchmarkProtocol.EFFECTS) {
                val all = listOf(1, 2, 4).map { Composed(it, LiveMatting(bundle, engine, width, height, it), source, engine) }
                for (each in all) each.live.background = background
                // Taking turns, so that the machine is as busy for each.
                repeat(BLOCKS) { for (each in all) each.run(BLOCK) }
                for (each in all) each.live.use { println("%-8s%s".format(effect, each.line())) }
            }
        }
    }

    private class Composed(private val bands: Int, val live: LiveMatting, source: YuvFrame, engine: Engine) {
        private val machine = ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean
        private val frame = IntArray(live.width * live.height).also { source.toUpright(0, false, it) }
        private val millis = mutableListOf<Double>()
        private var cpu = 0L

        init {
            frame.copyInto(live.frame)
            live.preprocess()
            engine.run()
        }

        fun run(rounds: Int) {
            val before = machine.processCpuTime
            repeat(rounds) {
                frame.copyInto(live.frame)
                val start = System.nanoTime()
                live.postprocess()
                millis += (System.nanoTime() - start) / 1e6
            }
            // The first block warms up.
            if (millis.size > BLOCK) cpu += machine.processCpuTime - before
        }

        fun line(): String {
            val counted = millis.drop(BLOCK).sorted()
            return "%6d%12.1f%12.1f%12.1f".format(bands, counted.first(), counted[counted.size / 2], cpu / 1e6 / counted.size)
        }
    }

    private fun loadShim() {
        for (name in listOf("libc.so", "libm.so", "libdl.so", "liblog.so")) {
            System.load(File(System.getProperty("pspm.shim"), name).absolutePath)
        }
    }

    private fun bundle(model: String): Bundle {
        val folder = File(System.getProperty("pspm.bundles"), model)
        return Bundle.read(File(folder, "manifest.json").inputStream()) { File(folder, it).inputStream() }
    }

    private fun sampleFrame(): YuvFrame {
        val (width, height) = BenchmarkProtocol.WIDTH to BenchmarkProtocol.HEIGHT
        val sample = ImageIO.read(File(System.getProperty("pspm.root"), "android_demo/app/src/main/assets/sample.jpg"))
        val scale = max(width.toDouble() / sample.width, height.toDouble() / sample.height)
        val (wide, high) = (sample.width * scale).toInt() to (sample.height * scale).toInt()
        val image = BufferedImage(width, height, BufferedImage.TYPE_INT_RGB)
        image.graphics.drawImage(sample, (width - wide) / 2, (height - high) / 2, wide, high, null)
        val pixels = image.getRGB(0, 0, width, height, null, 0, width)
        return YuvFrame(width, height).also { it.fill(Photo(width, height, pixels)) }
    }

    private fun thisMachine(): Device {
        val processor = File("/proc/cpuinfo").useLines { lines ->
            lines.firstOrNull { it.startsWith("model name") }?.substringAfter(": ") ?: System.getProperty("os.arch")
        }
        val parts = listOf("os.name", "os.version", "java.vm.name", "java.version")
        val system = parts.joinToString(" ") { System.getProperty(it) }
        return Device("$processor, JVM", system, processor, Runtime.getRuntime().availableProcessors())
    }

    private companion object {
        const val BLOCKS = 5
        const val BLOCK = 20
    }
}
