package pspm.matting.stages

import kotlin.math.round
import pspm.matting.Bundle
import pspm.matting.ErrorKind
import pspm.matting.ModelException
import pspm.matting.engine.Engine
import pspm.matting.engine.Numbers
import pspm.matting.pictures.Box
import pspm.matting.pictures.Filter
import pspm.matting.pictures.Photo
import pspm.matting.pictures.RGB_CHANNELS
import pspm.matting.pictures.Shrink
import pspm.matting.pictures.blue
import pspm.matting.pictures.green
import pspm.matting.pictures.mixPixels
import pspm.matting.pictures.red
import pspm.matting.pictures.toStart

/** Packed opaque white. */
private const val WHITE = -1

/** The normalised value, (value / 255 - mean) / std, of each 8-bit value. */
public fun normalisation(mean: Float, std: Float): FloatArray = FloatArray(256) { it * (1 / (255 * std)) - mean / std }

/** The network's view of a photo, or the [part] of it: resized to [width] x [height], transparent parts on white. Packed. */
@JvmOverloads
public fun networkView(
    photo: Photo,
    width: Int,
    height: Int,
    part: Box = Box(0.0, 0.0, photo.width.toDouble(), photo.height.toDouble())
): IntArray {
    val shrink = Shrink(photo.width, photo.height, width, height, Filter.BILINEAR, part)
    val view = IntArray(width * height)
    shrink.run(photo.pixels, view)
    val transparency = photo.transparency() ?: return view
    val mask = ByteArray(view.size)
    shrink.run(transparency.values, mask)
    for (i in view.indices) view[i] = mixPixels(mask[i].toInt() and 255, view[i], WHITE)
    return view
}

/**
 * Writes views to an engine's input and reads alpha from its output. Buffers are allocated once; [write] and [read]
 * allocate nothing.
 *
 * Throws [ModelException] if the engine's size does not follow the size rule of the bundle.
 */
public class NetworkView(bundle: Bundle, private val engine: Engine) {
    private val size = engine.width * engine.height
    private val red = normalisation(bundle.mean[0], bundle.std[0])
    private val green = normalisation(bundle.mean[1], bundle.std[1])
    private val blue = normalisation(bundle.mean[2], bundle.std[2])
    private val floats = FloatArray(RGB_CHANNELS * size)
    private val bytes = ByteArray(RGB_CHANNELS * size)

    // An engine that ran before left its buffers at their ends.
    private val floatInput = engine.input.apply { toStart() }.asFloatBuffer()
    private val floatOutput = engine.output.apply { toStart() }.asFloatBuffer()

    init {
        val fitted = bundle.size.fit(engine.width, engine.height)
        if (fitted != engine.width to engine.height) {
            throw ModelException(
                ErrorKind.MODEL_SIZE,
                listOf("${engine.width}", "${engine.height}", "${fitted.first}", "${fitted.second}")
            )
        }
    }

    /** Normalise a view, packed pixels of the engine's size, and write it to the engine's input. */
    public fun write(view: IntArray) {
        if (engine.inputNumbers == Numbers.FLOAT32) writeFloats(view) else writeBytes(view)
    }

    /** Read the engine's output into [alpha], in [0, 1]. */
    public fun read(alpha: FloatArray) {
        if (engine.outputNumbers == Numbers.FLOAT32) {
            floatOutput.toStart()
            floatOutput.get(alpha)
            for (i in alpha.indices) alpha[i] = alpha[i].coerceIn(0f, 1f)
        } else {
            engine.output.toStart()
            engine.output.get(bytes, 0, size)
            for (i in alpha.indices) alpha[i] = (bytes[i] - Byte.MIN_VALUE) / 255f
        }
    }

    private fun writeFloats(view: IntArray) {
        var at = 0
        for (pixel in view) {
            floats[at] = red[red(pixel)]
            floats[at + 1] = green[green(pixel)]
            floats[at + 2] = blue[blue(pixel)]
            at += RGB_CHANNELS
        }
        floatInput.toStart()
        floatInput.put(floats)
    }

    private fun writeBytes(view: IntArray) {
        var at = 0
        for (pixel in view) {
            bytes[at] = toInt8(red[red(pixel)])
            bytes[at + 1] = toInt8(green[green(pixel)])
            bytes[at + 2] = toInt8(blue[blue(pixel)])
            at += RGB_CHANNELS
        }
        engine.input.toStart()
        engine.input.put(bytes)
    }

    private fun toInt8(x: Float): Byte = round(x).toInt().coerceIn(-128, 127).toByte()
}
