package pspm.matting

import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import pspm.matting.engine.Delegate
import pspm.matting.engine.Engine
import pspm.matting.engine.FallBackEngine
import pspm.matting.engine.TensorFlowLiteEngine
import pspm.matting.pictures.Photo
import pspm.matting.pictures.blue
import pspm.matting.pictures.rgb
import pspm.matting.stages.NetworkView

/** The app's engine with the app's models: Android's own library, loaded into this JVM. */
class EngineTest {
    @Test
    fun `XNNPACK runs all nodes of every model`() {
        for (name in Bundles.names) {
            val before = Bundles.log().length
            val bundle = Bundles.read(name)
            TensorFlowLiteEngine.open(bundle.model).use { engine ->
                val (taken, all) = Regex("""Replacing (\d+) out of (\d+) node\(s\) with delegate \(TfLiteXNNPackDelegate\)""")
                    .findAll(Bundles.log().substring(before)).last().destructured
                val steps = (engine as TensorFlowLiteEngine).steps
                println("$name: XNNPACK has $taken of $all nodes, $steps steps")
                assertEquals(all, taken, name)
                assertEquals(1, steps, name)
            }
        }
        // TensorFlow Lite logs this once per process.
        assertTrue("Created TensorFlow Lite XNNPACK delegate for CPU" in Bundles.log())
    }

    @Test
    fun `the network's alpha matches the Python runtime`() {
        for (case in Vectors.of("network").filter { "square" in it.name }) {
            val view = case.input("view").photo()
            for (name in Bundles.names) {
                val bundle = Bundles.read(name)
                if (bundle.size.fit(view.width, view.height) != view.width to view.height ||
                    !name.endsWith("${view.width}")
                ) {
                    continue
                }
                TensorFlowLiteEngine.open(bundle.model).use { engine ->
                    val alpha = alpha(bundle, engine, view.pixels)
                    difference(alpha, case.output("alpha").floats())
                        .within("$arch $name, network", tolerance(bundle.precision), 1.0)
                }
            }
        }
    }

    @Test
    fun `mattes of photos match the Python runtime with the same model file`() {
        val folder = File(System.getProperty("pspm.references"))
        for (name in Bundles.names) {
            val bundle = Bundles.read(name)
            Matting(bundle, TensorFlowLiteEngine.open(bundle.model)).use { matting ->
                for (photo in folder.listFiles { file -> file.name.startsWith("photo") }!!.sorted()) {
                    val expected = readPhoto(File(folder, "$name/${photo.nameWithoutExtension}.png"))
                    val matte = matting.predictAlpha(readPhoto(photo), quality = Quality.FAST)
                    val codes = ByteArray(expected.pixels.size) { blue(expected.pixels[it]).toByte() }
                    // Java and Python decode the JPEG with different libraries.
                    val mean = tolerance("fp32") * 255 * if (bundle.precision == "int8") 4 else 1
                    difference(matte.values, codes).within("$arch $name, ${photo.name}", mean, 255.0)
                }
            }
        }
    }

    @Test
    fun `neither the number of threads nor a second engine changes the result`() {
        val bundle = Bundles.read(Bundles.names.first { "fp16" in it })
        val view = IntArray(bundle.size.side * bundle.size.side) { it * 7919 }
        val engines = (1..3).map { TensorFlowLiteEngine.open(bundle.model, threads = it) }
        val alphas = engines.map { alpha(bundle, it, view) }
        for (alpha in alphas) difference(alpha, alphas[0]).within("threads", 1e-6, 1e-4)
        engines.forEach { it.close() }
    }

    @Test
    fun `invalid and truncated models throw`() {
        val good = Bundles.file(Bundles.names.first(), "model.tflite").readBytes()
        val bad = mutableListOf(ByteArray(0), ByteArray(64), "not a model".toByteArray())
        for (length in listOf(8, 100, 5000, good.size / 2, good.size - 100)) bad += good.copyOf(length)
        bad += good.copyOf().also { for (i in 64 until 4000) it[i] = (i * 31).toByte() }
        for (bytes in bad) {
            val error = assertThrows(ModelException::class.java, { TensorFlowLiteEngine.open(direct(bytes)) }, "${bytes.size}")
            assertTrue("export it again" in error.message!!, error.message)
        }
    }

    @Test
    fun `an unavailable delegate is refused with a reason and the CPU takes over`() {
        val bundle = Bundles.read(Bundles.names.first())
        for (delegate in listOf(Delegate.GPU, Delegate.NNAPI)) {
            val error = assertThrows(DelegateRefused::class.java) { TensorFlowLiteEngine.open(bundle.model, delegate) }
            println(error.message)
            assertEquals(delegate, error.delegate)
            assertEquals(delegate.name, error.arguments[0])
            val refusals = mutableListOf<DelegateRefused>()
            FallBackEngine.open(bundle.model, delegate, 1) { refusals += it }.use { assertEquals(Delegate.CPU, it.delegate) }
            assertEquals(1, refusals.size)
        }
    }

    @Test
    fun `a closed engine throws, and can be closed twice`() {
        val engine = TensorFlowLiteEngine.open(Bundles.read(Bundles.names.first()).model)
        engine.close()
        engine.close()
        assertThrows(IllegalStateException::class.java) { engine.run() }
    }

    @Test
    fun `refuses zero threads`() {
        val model = Bundles.read(Bundles.names.first()).model
        val error = assertThrows(MattingException::class.java) { TensorFlowLiteEngine.open(model, threads = 0) }
        assertEquals(ErrorKind.TOO_FEW_THREADS to listOf("0"), error.kind to error.arguments)
    }

    @Test
    fun `a photo of a wall shows no person`() {
        val bundle = Bundles.read(Bundles.names.first { "fp16-512" in it })
        Matting(bundle, TensorFlowLiteEngine.open(bundle.model)).use {
            val wall = Photo(320, 240, IntArray(320 * 240) { rgb(200, 200, 190) })
            assertThrows(NoPersonException::class.java) { it.predictAlpha(wall, requirePerson = true) }
            val matte = it.predictAlpha(wall)
            assertArrayEquals(intArrayOf(320, 240), intArrayOf(matte.width, matte.height))
        }
    }

    private val arch = System.getProperty("os.arch")

    private fun alpha(bundle: Bundle, engine: Engine, view: IntArray): FloatArray {
        val network = NetworkView(bundle, engine)
        network.write(view)
        engine.run()
        return FloatArray(view.size).also { network.read(it) }
    }

    /** Largest mean error. fp16, int8: the limits of `pspm export` against PyTorch; fp32: that of the apps against Python. */
    private fun tolerance(precision: String) = when (precision) {
        "fp32" -> 1e-3
        "fp16" -> 2e-3
        else -> 2e-2
    }

    private fun direct(bytes: ByteArray): ByteBuffer =
        ByteBuffer.allocateDirect(bytes.size).order(ByteOrder.nativeOrder()).also { it.put(bytes).rewind() }
}
