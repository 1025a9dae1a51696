package pspm.matting

import java.io.File
import javax.imageio.ImageIO
import org.junit.jupiter.api.Assertions.assertTrue

/** The bundles that go into the app, and Android's C library for the engine that runs them here. */
object Bundles {
    private val folder = File(checkNotNull(System.getProperty("pspm.bundles")) { "tools/build.sh says where the bundles are" })

    init {
        // Once, and before the first use of TensorFlow Lite: its library then finds these under bionic's names.
        val shim = File(checkNotNull(System.getProperty("pspm.shim")) { "tools/build.sh says where the shim is" })
        for (name in listOf("libc.so", "libm.so", "libdl.so", "liblog.so")) System.load(File(shim, name).absolutePath)
    }

    /** Their names, at least one of each precision. */
    val names: List<String> = folder.listFiles { file -> File(file, "manifest.json").isFile }!!.map { it.name }.sorted()

    init {
        for (precision in listOf("fp32", "fp16", "int8")) assertTrue(names.any { precision in it }, precision)
    }

    fun read(name: String): Bundle =
        Bundle.read(File(folder, "$name/manifest.json").inputStream()) { File(folder, "$name/$it").inputStream() }

    fun file(name: String, file: String) = File(folder, "$name/$file")

    /** What TensorFlow Lite has written to Android's log so far. */
    fun log(): String = File(checkNotNull(System.getenv("ANDROID_LOG_FILE"))).takeIf { it.exists() }?.readText().orEmpty()
}

/** A picture file, decoded by the JDK. */
fun readPhoto(file: File): Photo {
    val image = ImageIO.read(file)
    if (image.raster.numBands == 1) {
        // Java takes grey values for linear light; their codes are what was written.
        val codes = image.raster.getSamples(0, 0, image.width, image.height, 0, null as IntArray?)
        return Photo(image.width, image.height, IntArray(codes.size) { rgb(codes[it], codes[it], codes[it]) })
    }
    return Photo(image.width, image.height, image.getRGB(0, 0, image.width, image.height, null, 0, image.width))
}
