package pspm.matting.stages

import kotlin.math.abs
import pspm.matting.pictures.Filter
import pspm.matting.pictures.RGB_CHANNELS
import pspm.matting.pictures.Taps

/** Three colours and the weight. */
private const val PLANES = 4

/**
 * Fills the background behind the person with light from the visible background, for pictures of [width] x [height].
 * Nearer light counts more. Buffers are allocated once; [fillBackground] allocates nothing.
 *
 * The picture is divided into square cells, at most [CELLS] along a side. A cell at a distance of d cells has the weight
 * 1 / (1 + d^2)^2. The weighted means are interpolated between cells, so the result is smooth everywhere, however far
 * away the nearest light is.
 */
public class BackgroundFill(private val width: Int, private val height: Int) {
    private val side = (maxOf(width, height) + CELLS - 1) / CELLS
    private val columns = (width + side - 1) / side
    private val rows = (height + side - 1) / side

    // The last cell of a row or column may extend beyond the border.
    private val across = Taps(columns, 0.0, width.toDouble() / side, width, Filter.BILINEAR)
    private val down = Taps(rows, 0.0, height.toDouble() / side, height, Filter.BILINEAR)
    private val nearness = FloatArray(columns * rows) {
        val squares = (it % columns) * (it % columns) + (it / columns) * (it / columns)
        1f / ((1f + squares) * (1f + squares))
    }
    private val cells = FloatArray(PLANES * columns * rows)
    private val means = Array(RGB_CHANNELS) { FloatArray(columns * rows) }
    private val row = FloatArray(columns)

    /**
     * Fill [result], three planes of mean light, from [planes]: three planes of light, premultiplied by the weight in the
     * fourth plane.
     */
    public fun fillBackground(planes: Array<FloatArray>, result: Array<FloatArray>) {
        for (c in planes.indices) reduce(planes[c], c)
        for (y in 0 until rows) for (x in 0 until columns) fillCell(x, y)
        for (c in result.indices) enlarge(means[c], result[c])
    }

    private fun reduce(plane: FloatArray, channel: Int) {
        for (row in 0 until rows) {
            val bottom = minOf(height, (row + 1) * side)
            for (column in 0 until columns) {
                val right = minOf(width, (column + 1) * side)
                var sum = 0f
                for (y in row * side until bottom) for (x in column * side until right) sum += plane[y * width + x]
                val area = (bottom - row * side) * (right - column * side)
                cells[(row * columns + column) * PLANES + channel] = sum / area
            }
        }
    }

    private fun fillCell(toX: Int, toY: Int) {
        var r = 0f
        var g = 0f
        var b = 0f
        var weight = 0f
        var from = 0
        for (y in 0 until rows) {
            val away = abs(y - toY) * columns
            for (x in 0 until columns) {
                val near = nearness[away + abs(x - toX)]
                r += near * cells[from]
                g += near * cells[from + 1]
                b += near * cells[from + 2]
                weight += near * cells[from + 3]
                from += PLANES
            }
        }
        val at = toY * columns + toX
        val all = maxOf(weight, LEAST_CELL_WEIGHT)
        means[0][at] = r / all
        means[1][at] = g / all
        means[2][at] = b / all
    }

    private fun enlarge(plane: FloatArray, result: FloatArray) {
        for (y in 0 until height) {
            row.fill(0f)
            for (j in 0 until down.count[y]) {
                val from = (down.first[y] + j) * columns
                val weight = down.weights[y * down.reach + j]
                for (x in 0 until columns) row[x] += weight * plane[from + x]
            }
            for (x in 0 until width) {
                var sum = 0f
                for (j in 0 until across.count[x]) {
                    sum += across.weights[x * across.reach + j] * row[across.first[x] + j]
                }
                result[y * width + x] = sum
            }
        }
    }
}
