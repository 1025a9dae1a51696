package pspm.matting

import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import kotlin.math.abs
import org.json.JSONObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import pspm.matting.pictures.Matte
import pspm.matting.pictures.Photo
import pspm.matting.pictures.rgb

/** A system property that tools/build.sh sets. */
fun requiredProperty(name: String): String =
    checkNotNull(System.getProperty(name)) { "$name is not set; run the tests with tools/build.sh" }

/**
 * The output of `pspm vectors`: inputs and results of every stage of the Python runtime, and the specification, which says
 * how far the results of each platform may differ.
 */
object Vectors {
    private val folder = File(requiredProperty("pspm.vectors"))
    private val index by lazy { JSONObject(File(folder, "vectors.json").readText()) }
    private val specification by lazy { index.getJSONObject("stages") }
    private val asked = sortedSetOf<String>()
    private val errors = sortedMapOf<String, Difference>()

    /** The stages that a test has asked for. */
    val run: Set<String> get() = asked

    /** The stages that Kotlin has to run, all but those that the specification excuses it from. */
    val required: Set<String>
        get() = specification.keySet().filterNot { limits(it).getJSONObject("kotlin").has("excused") }.toSortedSet()

    /** What the specification says of a stage. */
    fun limits(stage: String): JSONObject = specification.getJSONObject(stage)

    /** Keep the largest errors of a stage. */
    fun record(stage: String, error: Difference) {
        val before = errors[stage] ?: error
        errors[stage] = Difference(maxOf(before.mean, error.mean), maxOf(before.largest, error.largest))
    }

    /** Write the largest errors of every stage, for the table in the documentation. */
    fun writeErrors(file: File) {
        val all = errors.mapValues { (_, error) -> JSONObject(mapOf("mean" to error.mean, "largest" to error.largest)) }
        file.writeText(JSONObject(all).toString(1))
    }

    /** All cases of a stage; fails if there are none. */
    fun of(stage: String): List<Case> {
        asked.add(stage)
        val all = index.getJSONArray("cases")
        val found = (0 until all.length()).map { all.getJSONObject(it) }.filter { it.getString("stage") == stage }
        assertTrue(found.isNotEmpty(), "there are no vectors for the stage $stage")
        return found.map { Case(it, folder) }
    }
}

/** Inputs and results of one call of a stage in Python. */
class Case(private val json: JSONObject, private val folder: File) {
    val stage: String = json.getString("stage")
    val name: String = "$stage ${json.getString("name")}"
    val parameters: JSONObject = json.getJSONObject("parameters")

    fun input(name: String) = Tensor(json.getJSONObject("inputs").getJSONObject(name), folder)

    fun output(name: String) = Tensor(json.getJSONObject("outputs").getJSONObject(name), folder)

    override fun toString(): String = name
}

/** An array in row-major order. */
class Tensor(json: JSONObject, folder: File) {
    val shape: List<Int> = json.getJSONArray("shape").let { s -> (0 until s.length()).map { s.getInt(it) } }
    private val dtype = json.getString("dtype")
    private val buffer = ByteBuffer.wrap(File(folder, json.getString("file")).readBytes()).order(ByteOrder.LITTLE_ENDIAN)
    private val size = shape.fold(1, Int::times)

    fun doubles(): DoubleArray = DoubleArray(size) {
        when (dtype) {
            "uint8" -> (buffer.get(it).toInt() and 255).toDouble()
            "int32" -> buffer.getInt(4 * it).toDouble()
            "float32" -> buffer.getFloat(4 * it).toDouble()
            else -> buffer.getDouble(8 * it)
        }
    }

    fun floats(): FloatArray = doubles().let { all -> FloatArray(size) { all[it].toFloat() } }

    fun bytes(): ByteArray = doubles().let { all -> ByteArray(size) { all[it].toInt().toByte() } }

    fun matte() = Matte(shape[1], shape[0], bytes())

    /** Convert (height, width, 3 or 4) to a picture. */
    fun photo(transparency: Tensor? = null): Photo {
        val all = bytes()
        val channels = shape[2]
        val alpha = transparency?.bytes()
        fun value(pixel: Int, channel: Int) = all[pixel * channels + channel].toInt() and 255
        return Photo(
            shape[1],
            shape[0],
            IntArray(size / channels) {
                val a = if (channels == 4) value(it, 3) else alpha?.get(it)?.toInt()?.and(255) ?: 255
                (a shl 24) or (rgb(value(it, 0), value(it, 1), value(it, 2)) and 0xffffff)
            }
        )
    }
}

/** Mean and largest absolute difference of two arrays. */
data class Difference(val mean: Double, val largest: Double)

fun difference(found: DoubleArray, expected: DoubleArray): Difference {
    assertEquals(expected.size, found.size, "number of values")
    val errors = DoubleArray(found.size) { abs(found[it] - expected[it]) }
    assertTrue(errors.none { it.isNaN() }, "a value is NaN")
    return Difference(errors.sum() / maxOf(1, errors.size), errors.maxOrNull() ?: 0.0)
}

fun difference(found: FloatArray, expected: FloatArray) =
    difference(DoubleArray(found.size) { found[it].toDouble() }, DoubleArray(expected.size) { expected[it].toDouble() })

/** Differences of 8-bit values, in units of 1/255. */
fun difference(found: ByteArray, expected: ByteArray) = difference(codes(found), codes(expected))

/** Differences of the three colours, in units of 1/255. */
fun difference(found: IntArray, expected: IntArray) = difference(colours(found), colours(expected))

private fun codes(bytes: ByteArray) = DoubleArray(bytes.size) { (bytes[it].toInt() and 255).toDouble() }

private fun colours(pixels: IntArray) =
    DoubleArray(3 * pixels.size) { (pixels[it / 3] shr (16 - 8 * (it % 3)) and 255).toDouble() }

/** Print a difference and check it against limits in the same units. */
fun Difference.within(name: String, mean: Double, largest: Double) {
    println("%-28s mean %.2e largest %.3g".format(name, this.mean, this.largest))
    assertTrue(this.mean <= mean, "$name: the mean difference is ${this.mean}, the limit is $mean")
    assertTrue(this.largest <= largest, "$name: the largest difference is ${this.largest}, the limit is $largest")
}

/** Print a difference, as a share of the stage's range, and check it against the limits in the specification. */
fun Difference.within(case: Case) {
    val limits = Vectors.limits(case.stage)
    val range = limits.getDouble("range")
    val error = Difference(mean / range, largest / range)
    println("%-36s mean %.1e largest %.1e".format(case, error.mean, error.largest))
    Vectors.record(case.stage, error)
    val allowed = limits.getJSONObject("kotlin")
    for ((kind, found) in mapOf("mean" to error.mean, "largest" to error.largest)) {
        val limit = allowed.getDouble(kind)
        assertTrue(found <= limit, "$case: the $kind error is $found, the limit is $limit")
    }
}
