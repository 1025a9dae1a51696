package pspm.matting

/**
 * The mean over a square window of planes of [width] x [height] floats, by running sums; fewer pixels at the borders.
 * Allocates nothing after it is made.
 */
class BoxMean(private val width: Int, private val height: Int) {
    private val between = FloatArray(width * height)
    private val sums = DoubleArray(width)

    /** Mean of [source] over (2 [radius] + 1)^2 pixels into [result]; they may be the same array. */
    fun run(source: FloatArray, result: FloatArray, radius: Int) {
        val reach = minOf(radius, width - 1)
        for (y in 0 until height) alongRow(source, y * width, reach)
        alongColumns(result, minOf(radius, height - 1))
    }

    private fun alongRow(source: FloatArray, row: Int, reach: Int) {
        var sum = 0.0
        for (x in 0 until reach) sum += source[row + x]
        for (x in 0 until width) {
            if (x + reach < width) sum += source[row + x + reach]
            if (x > reach) sum -= source[row + x - reach - 1]
            between[row + x] = (sum / (minOf(x + reach + 1, width) - maxOf(x - reach, 0))).toFloat()
        }
    }

    private fun alongColumns(result: FloatArray, reach: Int) {
        sums.fill(0.0)
        for (y in 0 until reach) for (x in 0 until width) sums[x] += between[y * width + x]
        for (y in 0 until height) {
            val entering = if (y + reach < height) (y + reach) * width else -1
            val leaving = if (y > reach) (y - reach - 1) * width else -1
            val share = 1.0 / (minOf(y + reach + 1, height) - maxOf(y - reach, 0))
            for (x in 0 until width) {
                var sum = sums[x]
                if (entering >= 0) sum += between[entering + x]
                if (leaving >= 0) sum -= between[leaving + x]
                sums[x] = sum
                result[y * width + x] = (sum * share).toFloat()
            }
        }
    }
}
