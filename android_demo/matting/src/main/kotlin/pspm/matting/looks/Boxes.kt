package pspm.matting.looks

import kotlin.math.ceil
import kotlin.math.pow
import kotlin.math.round
import pspm.matting.InputSize
import pspm.matting.pictures.Plane
import pspm.matting.stages.GAIN
import pspm.matting.stages.LONGEST_PART
import pspm.matting.stages.PART_OVERLAP
import pspm.matting.stages.SOMETHING
import pspm.matting.stages.SPECK
import pspm.matting.stages.SURE

/**
 * The areas of a photo where a closer look at people pays; at most so many, the largest win first.
 *
 * [alpha]: matte of the whole photo. Areas that overlap become one, but for small ones whose common area would be large. What
 * is long and low, such as a row of people, is cut into parts.
 */
internal fun boxesOfPeople(alpha: Plane, size: Size, rule: InputSize, most: Int, turn: Int = 0): List<Area> {
    val found = surePeople(alpha).map { it.enlarged(alpha.size, size).widened(size) }
    return joined(found, size, rule, turn)
        .flatMap { pieces(it) }
        .filter { rule.gain(it, size.whole, turn) >= GAIN }
        .sortedByDescending { win(alpha, it, size, rule, turn) }
        .take(most)
}

/** The boxes of the regions of a matte that are somebody for sure. */
internal fun surePeople(alpha: Plane): List<Area> = regions(alpha, SOMETHING.toFloat())
    .filter { it.pixels >= SPECK && it.box.largest(alpha) > SURE }
    .map { it.box }

/** Start and stop of so many equal parts of a length, each of which overlaps the next one by [PART_OVERLAP]. */
internal fun overlapping(length: Int, count: Int): List<Pair<Int, Int>> {
    val part = length / (count - (count - 1) * PART_OVERLAP)
    val step = part * (1 - PART_OVERLAP)
    return List(count) { round(it * step).toInt() to minOf(length, round(it * step + part).toInt()) }
}

private fun joined(found: List<Area>, size: Size, rule: InputSize, turn: Int): List<Area> {
    val boxes = found.toMutableList()
    fun gain(box: Area) = rule.gain(box, size.whole, turn)
    fun belong(one: Area, other: Area): Boolean {
        val isLarge = minOf(gain(one), gain(other)) < GAIN
        return one.overlaps(other) && (isLarge || gain(one.union(other)) >= GAIN)
    }
    fun pairs() = boxes.indices.asSequence().flatMap { i -> (i + 1 until boxes.size).asSequence().map { i to it } }
    while (true) {
        val (i, j) = pairs().firstOrNull { (i, j) -> belong(boxes[i], boxes[j]) } ?: return boxes
        boxes[i] = boxes[i].union(boxes[j])
        boxes.removeAt(j)
    }
}

/** An area, or the overlapping parts of one that is too long. */
private fun pieces(box: Area): List<Area> {
    val shorter = minOf(box.width, box.height)
    if (box.longer <= LONGEST_PART * shorter) return listOf(box)
    val parts = (box.longer.toDouble() / shorter / LONGEST_PART - PART_OVERLAP) / (1 - PART_OVERLAP)
    return overlapping(box.longer, ceil(parts).toInt()).map { (start, stop) ->
        if (box.width > box.height) {
            Area(box.left + start, box.top, box.left + stop, box.bottom)
        } else {
            Area(box.left, box.top + start, box.right, box.top + stop)
        }
    }
}

/** What a look wins: pixels of people in its area, times the share of a closer view that the first one lacks. */
private fun win(alpha: Plane, box: Area, size: Size, rule: InputSize, turn: Int): Double {
    val part = box.enlarged(size, alpha.size)
    var people = 0
    for (y in part.top until part.bottom) {
        for (x in part.left until part.right) if (alpha.values[y * alpha.width + x] > SOMETHING.toFloat()) people++
    }
    return people * (1 - rule.gain(box, size.whole, turn).pow(-2))
}
