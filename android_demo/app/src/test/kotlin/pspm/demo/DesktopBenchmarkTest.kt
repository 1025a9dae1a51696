package pspm.demo

import java.awt.image.BufferedImage
import java.io.File
import java.time.Instant
import java.time.temporal.ChronoUnit
import javax.imageio.ImageIO
import kotlin.math.max
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledIfSystemProperty
import pspm.matting.Bundle
import pspm.matting.engine.Delegate
import pspm.matting.engine.TensorFlowLiteEngine
import pspm.matting.pictures.Photo
import pspm.matting.pictures.YuvFrame

/** The benchmark of the app with its real engine and models, in the JVM of a desktop: tools/bench.sh. */
@EnabledIfSystemProperty(named = "pspm.bench", matches = ".+")
class DesktopBenchmarkTest {
    @Test
    fun `measures the models of Live and Photo on this machine`() {
        for (name in listOf("libc.so", "libm.so", "libdl.so", "liblog.so")) {
            System.load(File(System.getProperty("pspm.shim"), name).absolutePath)
        }
        val out = File(System.getProperty("pspm.bench"))
        for (model in listOf(Models.LIVE, Models.PHOTO)) {
            val folder = File(System.getProperty("pspm.bundles"), model)
            val bundle = Bundle.read(File(folder, "manifest.json").inputStream()) { File(folder, it).inputStream() }
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
            println(report.text(runs))
        }
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
}
