package pspm.matting

import kotlin.math.round

private const val COLOURS = 3

/** What each 8-bit code of a colour becomes: (code / 255 - mean) / std. */
fun normalisation(mean: Float, std: Float): FloatArray = FloatArray(256) { it * (1 / (255 * std)) - mean / std }

/** A photo at the network's size, packed; transparent parts on white, as viewers show them. */
fun networkView(photo: Photo, width: Int, height: Int): IntArray {
    val shrink = Shrink(photo.width, photo.height, width, height, Filter.BILINEAR)
    val view = IntArray(width * height)
    shrink.run(photo.pixels, view)
    val transparency = photo.transparency() ?: return view
    val mask = ByteArray(view.size)
    shrink.run(transparency.values, mask)
    for (i in view.indices) view[i] = mixPixels(mask[i].toInt() and 255, view[i], WHITE)
    return view
}

private const val WHITE = -1

/**
 * What the network sees and says: packed pixels into an engine's input, its output into alphas. Buffers are made once;
 * nothing else is allocated.
 */
class NetworkView(bundle: Bundle, private val engine: Engine) {
    private val size = engine.width * engine.height
    private val red = normalisation(bundle.mean[0], bundle.std[0])
    private val green = normalisation(bundle.mean[1], bundle.std[1])
    private val blue = normalisation(bundle.mean[2], bundle.std[2])
    private val floats = FloatArray(COLOURS * size)
    private val bytes = ByteArray(COLOURS * size)
    private val floatInput = engine.input.asFloatBuffer()
    private val floatOutput = engine.output.asFloatBuffer()

    init {
        val fitted = bundle.size.fit(engine.width, engine.height)
        if (fitted != engine.width to engine.height) {
            throw ModelException(
                "the model takes ${engine.width} x ${engine.height} pixels and its manifest says " +
                    "${fitted.first} x ${fitted.second}; export the model again"
            )
        }
    }

    /** Normalise packed pixels of the engine's size into its input. */
    fun write(view: IntArray) {
        if (engine.inputNumbers == Numbers.FLOAT32) writeFloats(view) else writeBytes(view)
    }

    /** The engine's output as [alpha] in [0, 1]. */
    fun read(alpha: FloatArray) {
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
            at += COLOURS
        }
        floatInput.toStart()
        floatInput.put(floats)
    }

    private fun writeBytes(view: IntArray) {
        var at = 0
        for (pixel in view) {
            bytes[at] = toByte(red[red(pixel)])
            bytes[at + 1] = toByte(green[green(pixel)])
            bytes[at + 2] = toByte(blue[blue(pixel)])
            at += COLOURS
        }
        engine.input.toStart()
        engine.input.put(bytes)
    }

    private fun toByte(x: Float): Byte = round(x).toInt().coerceIn(-128, 127).toByte()
}
