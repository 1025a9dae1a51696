package pspm.matting.stages

/**
 * The tiles of a photo in which its small matte, of [width] x [height], is soft. The expensive stages run only there. A
 * tile is a run of cells in one row of cells; a cell covers [SOFT_CELL] x [SOFT_CELL] pixels of the small matte.
 *
 * [margin]: pixels of the small matte by which the tiles extend beyond each soft pixel, at most [SOFT_CELL].
 */
public class SoftTiles(private val width: Int, private val height: Int, private val margin: Int) {
    /** Number of tiles that [find] found. */
    public var count: Int = 0
        private set

    private val columns = (width + SOFT_CELL - 1) / SOFT_CELL
    private val rows = (height + SOFT_CELL - 1) / SOFT_CELL
    private val marked = BooleanArray(columns * rows)
    private val row = IntArray(columns * rows)
    private val start = IntArray(columns * rows)
    private val stop = IntArray(columns * rows)

    /** Find the tiles of a small matte, one unsigned byte a pixel. */
    public fun find(matte: ByteArray) {
        marked.fill(false)
        for (y in 0 until height) {
            for (x in 0 until width) if (soft(matte, x, y)) mark(x, y)
        }
        count = 0
        for (i in 0 until rows) {
            var j = 0
            while (j < columns) {
                if (!marked[i * columns + j]) {
                    j++
                    continue
                }
                row[count] = i
                start[count] = j
                while (j < columns && marked[i * columns + j]) j++
                stop[count] = j
                count++
            }
        }
    }

    /** Left border of a tile on a photo of [photoWidth] pixels. */
    public fun left(tile: Int, photoWidth: Int): Int = start[tile] * SOFT_CELL * photoWidth / width

    /** Right border (exclusive) of a tile on a photo of [photoWidth] pixels. */
    public fun right(tile: Int, photoWidth: Int): Int = minOf(stop[tile] * SOFT_CELL, width) * photoWidth / width

    /** Top border of a tile on a photo of [photoHeight] pixels. */
    public fun top(tile: Int, photoHeight: Int): Int = row[tile] * SOFT_CELL * photoHeight / height

    /** Bottom border (exclusive) of a tile on a photo of [photoHeight] pixels. */
    public fun bottom(tile: Int, photoHeight: Int): Int = minOf((row[tile] + 1) * SOFT_CELL, height) * photoHeight / height

    /** Whether a pixel is neither 0 nor 255, or differs from its left or upper neighbour: a hard edge has no soft pixel. */
    private fun soft(matte: ByteArray, x: Int, y: Int): Boolean {
        val at = y * width + x
        val value = matte[at]
        if (value.toInt() != 0 && value.toInt() != -1) return true
        return (x > 0 && matte[at - 1] != value) || (y > 0 && matte[at - width] != value)
    }

    private fun mark(x: Int, y: Int) {
        val left = maxOf(x - margin, 0) / SOFT_CELL
        val right = minOf(x + margin, width - 1) / SOFT_CELL
        for (i in maxOf(y - margin, 0) / SOFT_CELL..minOf(y + margin, height - 1) / SOFT_CELL) {
            for (j in left..right) marked[i * columns + j] = true
        }
    }
}
