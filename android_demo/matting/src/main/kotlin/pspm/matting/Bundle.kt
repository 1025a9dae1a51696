package pspm.matting

import java.io.IOException
import java.io.InputStream
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.security.MessageDigest
import kotlin.math.abs
import kotlin.math.ln
import kotlin.math.round
import kotlin.math.sqrt
import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject
import pspm.matting.pictures.RGB_CHANNELS
import pspm.matting.pictures.toStart

/**
 * The size rule of a network's view: the area is about [side]^2, and each side is a multiple of [multiple], at most
 * [longest].
 *
 * [sizes]: if the model file takes only a few sizes, their (width, height). The photo is stretched to the one with the
 * nearest aspect ratio; of equally near ones, the first.
 */
public data class InputSize(val side: Int, val multiple: Int, val longest: Int, val sizes: List<Pair<Int, Int>> = emptyList()) {
    /** (width, height) of the view for a photo: as close to the photo's aspect ratio as the rule allows. */
    public fun fit(width: Int, height: Int): Pair<Int, Int> {
        if (sizes.isNotEmpty()) return sizes.minBy { abs(ln(it.first.toDouble() * height / (it.second.toDouble() * width))) }
        val scale = minOf(side / sqrt(width.toDouble() * height), longest / maxOf(width, height).toDouble())
        return toMultiple(width * scale) to toMultiple(height * scale)
    }

    /** The rule for views of a smaller area, [side]^2; the same where the network takes few sizes or has a small view. */
    internal fun smaller(side: Int): InputSize {
        if (sizes.isNotEmpty() || side >= this.side || multiple == longest) return this
        return copy(side = side, longest = maxOf(multiple, longest * side / this.side / multiple * multiple))
    }

    private fun toMultiple(length: Double): Int = maxOf(multiple, round(length / multiple).toInt() * multiple)
}

/**
 * A model and its manifest, both checked.
 *
 * [mean] and [std]: for the normalisation of the input in [0, 1], one value for each of R, G and B.
 * [sha256]: of the model file, in hexadecimal. [model]: the file's bytes in a direct buffer.
 */
public class Bundle(
    public val name: String,
    public val precision: String,
    public val sha256: String,
    public val size: InputSize,
    public val mean: FloatArray,
    public val std: FloatArray,
    public val licence: String,
    public val model: ByteBuffer
) {
    public companion object {
        /**
         * Read a bundle from its [manifest], the stream of manifest.json. [open] opens the model by the file name in the
         * manifest. Both streams are closed.
         *
         * Throws [ModelException] if the manifest is invalid, or if the model is missing, has another format, or does
         * not match the hash in the manifest.
         */
        @JvmStatic
        @Throws(MattingException::class)
        public fun read(manifest: InputStream, open: (String) -> InputStream): Bundle {
            val text = manifest.use { readAll(it, "manifest.json").decodeToString() }
            val facts = parse(text)
            val model = try {
                open(facts.file).use { readAll(it, facts.file) }
            } catch (error: IOException) {
                throw ModelException(ErrorKind.FILE_UNREADABLE, listOf(facts.file), error)
            }
            val found = sha256(model)
            if (found != facts.sha256) {
                throw ModelException(ErrorKind.MODEL_DAMAGED, listOf(facts.file, found.take(12), facts.sha256.take(12)))
            }
            return facts.withModel(model)
        }

        private fun readAll(stream: InputStream, name: String): ByteArray = try {
            stream.readBytes()
        } catch (error: IOException) {
            throw ModelException(ErrorKind.FILE_UNREADABLE, listOf(name), error)
        }

        private fun sha256(bytes: ByteArray): String =
            MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }

        private fun parse(text: String): Facts {
            val facts = try {
                Facts(JSONObject(text))
            } catch (error: JSONException) {
                throw ModelException(ErrorKind.MANIFEST_INVALID, cause = error)
            }
            if (facts.format != "tflite") throw ModelException(ErrorKind.MODEL_FORMAT, listOf(facts.format))
            return facts
        }
    }

    private class Facts(json: JSONObject) {
        private val entry = json.getJSONObject("input")
        private val rule = entry.getJSONObject("size")
        private val name = json.getString("name")
        private val precision = json.optString("precision", "fp32")
        private val licence = json.getString("licence")
        private val size =
            InputSize(rule.getInt("side"), rule.getInt("multiple"), rule.getInt("longest"), sizes(rule.optJSONArray("sizes")))
        private val mean = channels(entry.getJSONArray("mean"))
        private val std = channels(entry.getJSONArray("std"))
        val file: String = json.getString("file")
        val sha256: String = json.getString("sha256")
        val format: String = json.optString("format", "onnx")

        init {
            if (entry.getString("layout") != "NHWC" || entry.getString("colours") != "RGB") {
                throw JSONException("the input is not NHWC RGB")
            }
        }

        fun withModel(bytes: ByteArray): Bundle {
            // The engine reads the model in place and needs it outside the Java heap.
            val model = ByteBuffer.allocateDirect(bytes.size).order(ByteOrder.nativeOrder())
            model.put(bytes)
            model.toStart()
            return Bundle(name, precision, sha256, size, mean, std, licence, model)
        }

        private fun sizes(array: JSONArray?): List<Pair<Int, Int>> = List(array?.length() ?: 0) {
            val size = array!!.getJSONObject(it)
            size.getInt("width") to size.getInt("height")
        }

        private fun channels(array: JSONArray): FloatArray {
            if (array.length() != RGB_CHANNELS) throw JSONException("${array.length()} channels")
            return FloatArray(RGB_CHANNELS) { array.getDouble(it).toFloat() }
        }
    }
}
