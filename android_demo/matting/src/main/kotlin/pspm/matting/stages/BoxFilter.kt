package pspm.matting.stages

/**
 * Box filter for planes of [width] x [height] floats, computed with running sums. Buffers are allocated once; [boxMean]
 * allocates nothing.
 */
public class BoxFilter(private val width: Int, private val height: Int) {
    private val between = FloatArray(width * height)
    private val sums = DoubleArray(width)

    /**
     * Write the mean of [source] over (2 [radius] + 1)^2 pixels, fewer at the borders, to [result]. Both may be the same
     * array.
     */
    public fun boxMean(source: FloatArray, result: FloatArray, radius: Int) {
        if (radius == 1 && width > 2 && height > 2) {
            ofNeighbours(source, result)
            return
        }
        val reach = minOf(radius, width - 1)
        for (y in 0 until height) alongRow(source, y * width, reach)
        alongColumns(result, minOf(radius, height - 1))
    }

    /** Radius 1, without running sums: this loop has no dependency from one pixel to the next and is faster. */
    private fun ofNeighbours(source: FloatArray, result: FloatArray) {
        for (y in 0 until height) {
            val row = y * width
            val last = row + width - 1
            for (x in row + 1 until last) between[x] = (source[x - 1] + source[x] + source[x + 1]) * THIRD
            between[row] = (source[row] + source[row + 1]) / 2
            between[last] = (source[last - 1] + source[last]) / 2
        }
        val last = (height - 1) * width
        for (x in width until last) result[x] = (between[x - width] + between[x] + between[x + width]) * THIRD
        for (x in 0 until width) {
            result[x] = (between[x] + between[x + width]) / 2
            result[last + x] = (between[last + x - width] + between[last + x]) / 2
        }
    }

    private fun alongRow(source: FloatArray, row: Int, reach: Int) {
        val inside = width - reach
        val share = 1.0 / (2 * reach + 1)
        var sum = 0.0
        for (x in 0 until reach) sum += source[row + x]
        for (x in 0 until minOf(reach + 1, inside)) {
            sum += source[row + x + reach]
            between[row + x] = (sum / (x + reach + 1)).toFloat()
        }
        for (x in reach + 1 until inside) {
            sum += source[row + x + reach] - source[row + x - reach - 1]
            between[row + x] = (sum * share).toFloat()
        }
        for (x in maxOf(inside, 0) until width) {
            if (x > reach) sum -= source[row + x - reach - 1]
            between[row + x] = (sum / (width - maxOf(x - reach, 0))).toFloat()
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

    private companion object {
        const val THIRD = 1f / 3
    }
}
