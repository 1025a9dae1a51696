package pspm.matting.looks

import kotlin.math.round
import kotlin.math.sqrt
import pspm.matting.stages.FAINT
import pspm.matting.stages.LARGE
import pspm.matting.stages.SOMETHING
import pspm.matting.stages.SPECK
import pspm.matting.stages.TILES
import pspm.matting.stages.WORTH_TILES

/**
 * Looks at people whom the first look at a photo has missed; at most so many hints are looked into.
 *
 * Beside people whom it shows, only its clear traces count. Where it shows nobody, its faint ones come first, then, if they
 * were nobody, those in overlapping tiles.
 */
internal fun Viewer.lookIntoHints(first: Look, most: Int): List<Look> {
    val known = peopleIn(first)
    val found = lookInto(hintsIn(first, size, known), known, most, first.turn)
    val isWorthTiles = size.pixels >= WORTH_TILES * first.alpha.values.size
    if (found.isNotEmpty() || known.isNotEmpty() || most == 0 || !isWorthTiles) return found
    val hints = tilesOf(size).flatMap { hintsIn(lookAt(it, first.turn), size, known) }
    return lookInto(hints, known, most, first.turn)
}

/** Looks at the people around the clearest hints, without those who are known. A wider look must have seen the same. */
private fun Viewer.lookInto(hints: List<Hint>, known: List<Area>, most: Int, turn: Int): List<Look> {
    val found = mutableListOf<Look>()
    val tried = mutableListOf<Area>()
    for (window in hints.sortedByDescending { it.clearness }.map { it.window }) {
        if (tried.size == most) break
        if ((tried + found.map { it.area }).any { it.holdsCentre(window) }) continue
        tried += window
        peopleIn(lookAt(window, turn))
            .filter { person -> known.none { person.overlaps(it) } }
            .mapNotNullTo(found) { closerLookAtTheSame(it, turn) }
    }
    return found
}

/**
 * The traces of people in a look, each with a window around it.
 *
 * With people who are [known], traces near one are left out, as are faint ones and specks. The window is as large as the
 * largest person whom a look at the whole photo can miss needs. Larger traces are left out.
 */
internal fun hintsIn(look: Look, size: Size, known: List<Area>): List<Hint> {
    val side = round(LARGE * sqrt(size.pixels)).toInt()
    val near = known.map { it.widened(size) }
    return regions(look.alpha, FAINT.toFloat()).mapNotNull { region ->
        val clearness = region.box.largest(look.alpha)
        val trace = look.inPhoto(region.box)
        val isUnclear = clearness < SOMETHING || region.pixels < SPECK || near.any { it.holdsCentre(trace) }
        if (trace.longer > side || (known.isNotEmpty() && isUnclear)) return@mapNotNull null
        val left = start(trace.left, trace.right, look.area.left, side, size.width)
        val top = start(trace.top, trace.bottom, look.area.top, side, size.height)
        Hint(clearness, Area(left, top, minOf(size.width, left + side), minOf(size.height, top + side)))
    }
}

/** Where a window around a trace begins, whose middle is rounded in the look, which begins at [from]. */
private fun start(one: Int, other: Int, from: Int, side: Int, length: Int): Int {
    val centred = from + Math.floorDiv(one - from + other - from - side, 2)
    return minOf(maxOf(0, centred), maxOf(0, length - side))
}

/** Overlapping tiles of a photo, row by row; more of them along a side that is much longer. */
internal fun tilesOf(size: Size): List<Area> {
    val ratio = maxOf(size.width, size.height) / minOf(size.width, size.height).toDouble()
    val longer = maxOf(1, round(sqrt(ratio)).toInt())
    val (across, down) = if (size.width > size.height) TILES * longer to TILES else TILES to TILES * longer
    return overlapping(size.height, down).flatMap { (top, bottom) ->
        overlapping(size.width, across).map { (left, right) -> Area(left, top, right, bottom) }
    }
}
