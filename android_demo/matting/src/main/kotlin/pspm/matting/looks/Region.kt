package pspm.matting.looks

import pspm.matting.pictures.Plane
import pspm.matting.stages.REGION_CELL

/** A region of a matte: its box and its number of pixels. */
internal class Region(val box: Area, val pixels: Int)

/**
 * The connected regions of the pixels of a matte above a limit, in reading order.
 *
 * Cells of [REGION_CELL] x [REGION_CELL] pixels that hold such a pixel are connected with the eight cells around them.
 */
internal fun regions(matte: Plane, above: Float): List<Region> {
    val columns = (matte.width + REGION_CELL - 1) / REGION_CELL
    val rows = (matte.height + REGION_CELL - 1) / REGION_CELL
    val counts = IntArray(columns * rows)
    for (i in matte.values.indices) {
        if (matte.values[i] > above) counts[i / matte.width / REGION_CELL * columns + i % matte.width / REGION_CELL]++
    }
    val found = mutableListOf<Growing>()
    var runsAbove = listOf<Growing>()
    for (y in 0 until rows) {
        val row = mutableListOf<Growing>()
        var x = 0
        while (x < columns) {
            val start = x
            while (x < columns && counts[y * columns + x] > 0) x++
            if (x > start) {
                val pixels = (start until x).sumOf { counts[y * columns + it] }
                val run = Growing(start, y, x, y + 1, pixels).also { found += it }
                var whole = run
                for (other in runsAbove) if (other.start <= x && other.stop >= start) whole = whole.joined(other.root())
                row += run
            }
            x++
        }
        runsAbove = row
    }
    return found.filter { it.root() === it }
        .sortedWith(compareBy({ it.top }, { it.left }))
        .map { it.region(matte.width, matte.height) }
}

/** A region that grows; one that was joined with another points to it. [start] and [stop] are of its first run. */
private class Growing(var left: Int, var top: Int, var right: Int, var bottom: Int, var pixels: Int) {
    val start = left
    val stop = right
    private var joined: Growing? = null

    fun root(): Growing = joined?.root() ?: this

    /** The region that both have become part of. */
    fun joined(other: Growing): Growing {
        if (other === this) return this
        other.left = minOf(left, other.left)
        other.top = minOf(top, other.top)
        other.right = maxOf(right, other.right)
        other.bottom = maxOf(bottom, other.bottom)
        other.pixels += pixels
        joined = other
        return other
    }

    fun region(width: Int, height: Int) = Region(
        Area(
            left * REGION_CELL,
            top * REGION_CELL,
            minOf(right * REGION_CELL, width),
            minOf(bottom * REGION_CELL, height)
        ),
        pixels
    )
}
