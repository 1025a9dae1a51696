package pspm.matting

/**
 * The parts of a photo where its small matte, of [width] x [height], is soft: everything costly happens there and
 * nowhere else. A part is a run of cells of [CELL] x [CELL] pixels of the small matte in one row of cells.
 *
 * [margin]: how far around every soft pixel a part reaches, in pixels of the small matte, at most [CELL].
 */
class Band(private val width: Int, private val height: Int, private val margin: Int) {
    /** How many parts [find] found. */
    var parts = 0
        private set

    private val columns = (width + CELL - 1) / CELL
    private val rows = (height + CELL - 1) / CELL
    private val marked = BooleanArray(columns * rows)
    private val row = IntArray(columns * rows)
    private val start = IntArray(columns * rows)
    private val stop = IntArray(columns * rows)

    /** Look for the soft parts of a small matte of one unsigned byte a pixel. */
    fun find(matte: ByteArray) {
        marked.fill(false)
        for (y in 0 until height) {
            for (x in 0 until width) if (soft(matte, x, y)) mark(x, y)
        }
        parts = 0
        for (i in 0 until rows) {
            var j = 0
            while (j < columns) {
                if (!marked[i * columns + j]) {
                    j++
                    continue
                }
                row[parts] = i
                start[parts] = j
                while (j < columns && marked[i * columns + j]) j++
                stop[parts] = j
                parts++
            }
        }
    }

    /** Left border of a part on a photo of [photoWidth]. */
    fun left(part: Int, photoWidth: Int): Int = start[part] * CELL * photoWidth / width

    /** Right border of a part on a photo of [photoWidth], itself outside. */
    fun right(part: Int, photoWidth: Int): Int = minOf(stop[part] * CELL, width) * photoWidth / width

    /** Upper border of a part on a photo of [photoHeight]. */
    fun top(part: Int, photoHeight: Int): Int = row[part] * CELL * photoHeight / height

    /** Lower border of a part on a photo of [photoHeight], itself outside. */
    fun bottom(part: Int, photoHeight: Int): Int = minOf((row[part] + 1) * CELL, height) * photoHeight / height

    /** Neither 0 nor 255, or another value than the pixel before or above: an edge may have no soft pixel. */
    private fun soft(matte: ByteArray, x: Int, y: Int): Boolean {
        val at = y * width + x
        val value = matte[at]
        if (value.toInt() != 0 && value.toInt() != -1) return true
        return (x > 0 && matte[at - 1] != value) || (y > 0 && matte[at - width] != value)
    }

    private fun mark(x: Int, y: Int) {
        val left = maxOf(x - margin, 0) / CELL
        val right = minOf(x + margin, width - 1) / CELL
        for (i in maxOf(y - margin, 0) / CELL..minOf(y + margin, height - 1) / CELL) {
            for (j in left..right) marked[i * columns + j] = true
        }
    }

    companion object {
        /** Side of a cell in pixels of the small matte. */
        const val CELL = 8
    }
}
