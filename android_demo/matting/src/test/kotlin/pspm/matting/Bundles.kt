package pspm.matting

import java.io.File
import javax.imageio.ImageIO
import org.junit.jupiter.api.Assertions.assertTrue
import pspm.matting.pictures.Photo
import pspm.matting.pictures.rgb

/** The app's bundles. Also loads the shim of Android's C library that the engine needs on a desktop. */
object Bundles {
    private val folder = File(requiredProperty("pspm.bundles"))

    init {
        // Load these once, before TensorFlow Lite, so that its library finds them under bionic's names.
        val shim = File(requiredProperty("pspm.shim"))
        for (name in listOf("libc.so", "libm.so", "libdl.so", "liblog.so")) System.load(File(shim, name).absolutePath)
    }

    /** The bundles' names; each precision occurs at least once. */
    val names: List<String> = folder.listFiles { file -> File(file, "manifest.json").isFile }!!.map { it.name }.sorted()

    init {
        for (precision in listOf("fp32", "fp16", "int8")) assertTrue(names.any { precision in it }, precision)
    }

    fun read(name: String): Bundle =
        Bundle.read(File(folder, "$name/manifest.json").inputStream()) { File(folder, "$name/$it").inputStream() }

    fun file(name: String, file: String) = File(folder, "$name/$file")

    /** The messages that TensorFlow Lite has written to Android's log so far. */
    fun log(): String = File(checkNotNull(System.getenv("ANDROID_LOG_FILE"))).takeIf { it.exists() }?.readText().orEmpty()
}

/** Read a picture file with the JDK's decoder. */
fun readPhoto(file: File): Photo {
    val image = ImageIO.read(file)
    if (image.raster.numBands == 1) {
        // Java converts grey values as linear light; read the stored values instead.
        val codes = image.raster.getSamples(0, 0, image.width, image.height, 0, null as IntArray?)
        return Photo(image.width, image.height, IntArray(codes.size) { rgb(codes[it], codes[it], codes[it]) })
    }
    return Photo(image.width, image.height, image.getRGB(0, 0, image.width, image.height, null, 0, image.width))
}
