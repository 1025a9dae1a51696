package pspm.matting.stages

import pspm.matting.pictures.RGB_CHANNELS
import pspm.matting.pictures.blue
import pspm.matting.pictures.green
import pspm.matting.pictures.red

/** What of the photo a matte follows: its luma, or all three colours, which see edges between colours of equal luma. */
internal enum class Guide { LUMA, COLOURS }

/**
 * Local linear models alpha = [slopes] * colours + [offset] of the guided filter (He, Sun and Tang, 2013, eq. 14). They are
 * exact at every pixel of the small grid.
 */
internal class ColourModels(width: Int, height: Int, alpha: FloatArray, view: IntArray) {
    val slopes: Array<FloatArray>
    val offset: FloatArray
    private val filter = BoxFilter(width, height)
    private val size = width * height

    init {
        val channels = listOf(::red, ::green, ::blue)
        val guide = Array(RGB_CHANNELS) { c -> FloatArray(size) { channels[c](view[it]) / 255f } }
        val means = Array(RGB_CHANNELS) { mean(guide[it]) }
        val meanAlpha = mean(alpha)
        slopes = Array(RGB_CHANNELS) { c ->
            val product = mean(times(guide[c], alpha))
            FloatArray(size) { product[it] - means[c][it] * meanAlpha[it] }
        }
        val (rr, rg, rb) = List(RGB_CHANNELS) { covariance(guide, means, 0, it) }
        val (gg, gb) = List(2) { covariance(guide, means, 1, it + 1) }
        val bb = covariance(guide, means, 2, 2)
        // Elimination, as for any symmetric matrix with positive eigenvalues.
        for (i in 0 until size) {
            val gByR = rg[i] / rr[i]
            val bByR = rb[i] / rr[i]
            val green = gg[i] - gByR * rg[i]
            val between = gb[i] - bByR * rg[i]
            val bByG = between / green
            val blue = bb[i] - (bByR * rb[i] + bByG * between)
            var g = slopes[1][i] - gByR * slopes[0][i]
            val b = (slopes[2][i] - (bByR * slopes[0][i] + bByG * g)) / blue
            g = g / green - bByG * b
            slopes[0][i] = slopes[0][i] / rr[i] - (gByR * g + bByR * b)
            slopes[1][i] = g
            slopes[2][i] = b
        }
        for (plane in slopes) filter.boxMean(plane, plane, GUIDE_RADIUS)
        offset = FloatArray(size) {
            alpha[it] - (slopes[0][it] * guide[0][it] + slopes[1][it] * guide[1][it] + slopes[2][it] * guide[2][it])
        }
    }

    private fun mean(plane: FloatArray) = FloatArray(size).also { filter.boxMean(plane, it, GUIDE_RADIUS) }

    private fun times(one: FloatArray, other: FloatArray) = FloatArray(size) { one[it] * other[it] }

    private fun covariance(guide: Array<FloatArray>, means: Array<FloatArray>, one: Int, other: Int): FloatArray {
        val product = mean(times(guide[one], guide[other]))
        val more = if (one == other) EPSILON_OF_COLOURS.toFloat() else 0f
        return FloatArray(size) { product[it] - means[one][it] * means[other][it] + more }
    }
}
