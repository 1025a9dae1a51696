package pspm.matting.pictures

import kotlin.math.abs
import kotlin.math.ceil

/** A resampling filter. [support]: its radius in pixels of the coarser grid. */
public enum class Filter(public val support: Double) {
    BOX(0.5) {
        override fun weight(x: Double): Double = if (x > -0.5 && x <= 0.5) 1.0 else 0.0
    },
    BILINEAR(1.0) {
        override fun weight(x: Double): Double = maxOf(0.0, 1 - abs(x))
    },
    BICUBIC(2.0) {
        override fun weight(x: Double): Double {
            val t = abs(x)
            return when {
                t < 1 -> ((SHARPNESS + 2) * t - (SHARPNESS + 3)) * t * t + 1
                t < 2 -> (((t - 5) * t + 8) * t - 4) * SHARPNESS
                else -> 0.0
            }
        }
    };

    /** The weight at a distance [x], in pixels of the coarser grid. */
    public abstract fun weight(x: Double): Double

    private companion object {
        /** Pillow's parameter of the bicubic filter. */
        const val SHARPNESS = -0.5
    }
}

/**
 * The filter taps of a row (or column) of [size] pixels: for each pixel, a run of source pixels and their weights.
 *
 * Like Pillow's, the filter widens when the picture is scaled down, so every source pixel contributes. The part of the
 * source from [start] to [stop], in pixels that may be fractions, becomes the result; pixels next to it may contribute.
 *
 * The run of pixel i has [count] pixels from [first] on. `weights[i * reach + j]` is the weight of its pixel j, and
 * [fixed] is the same in units of 1 / 2^22.
 */
public class Taps(source: Int, start: Double, stop: Double, public val size: Int, filter: Filter) {
    public val first: IntArray = IntArray(size)
    public val count: IntArray = IntArray(size)
    public val reach: Int
    public val weights: FloatArray
    public val fixed: IntArray

    /** The weights with 64 bits. */
    internal val exact: DoubleArray

    init {
        val scale = (stop - start) / size
        val widening = maxOf(1.0, scale)
        val support = filter.support * widening
        reach = ceil(support).toInt() * 2 + 1
        exact = DoubleArray(size * reach)
        for (i in 0 until size) {
            val centre = start + (i + 0.5) * scale
            val from = maxOf(0, (centre - support + 0.5).toInt())
            val until = minOf(source, (centre + support + 0.5).toInt())
            var sum = 0.0
            for (j in 0 until until - from) {
                val weight = filter.weight((j + from - centre + 0.5) / widening)
                exact[i * reach + j] = weight
                sum += weight
            }
            if (sum != 0.0) for (j in 0 until until - from) exact[i * reach + j] /= sum
            first[i] = from
            count[i] = until - from
        }
        weights = FloatArray(exact.size) { exact[it].toFloat() }
        fixed = IntArray(exact.size) { i ->
            val scaled = exact[i] * (1 shl FIXED_BITS)
            (if (scaled < 0) scaled - 0.5 else scaled + 0.5).toInt()
        }
    }

    public companion object {
        /** Number of fractional bits of [fixed]. */
        public const val FIXED_BITS: Int = 22
    }
}
