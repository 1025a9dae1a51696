package pspm.matting.looks

import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.round
import kotlin.math.sqrt
import pspm.matting.InputSize
import pspm.matting.pictures.Plane
import pspm.matting.stages.MOST_ENLARGED
import pspm.matting.stages.SECOND_LEAST
import pspm.matting.stages.SECOND_MARGIN
import pspm.matting.stages.SECOND_REACH
import pspm.matting.stages.SECOND_STRIP

/** A second look before it is run: size of the view, the part that the network sees, and what it decides of each pixel. */
internal class Plan(val size: Size, val seen: Area, val share: Plane)

/** What a second look at an area shows the network, given the settled matte of the first one; null where it is vain. */
internal fun plan(alpha: Plane, area: Area, rule: InputSize, nearness: Nearness): Plan? {
    val share = shareOfSecondLook(alpha, SECOND_REACH)
    val isFixed = rule.sizes.isNotEmpty() || rule.multiple == rule.longest
    val around = around(share, SECOND_MARGIN) ?: return null
    val longest = if (isFixed) alpha.size else Size(rule.longest, rule.longest)
    val runs = if (isFixed) Double.POSITIVE_INFINITY else nearness.runs
    val pixels = if (isFixed) runs else round(runs * alpha.values.size / (SECOND_LEAST * SECOND_LEAST))
    val longestPart = Size((longest.width / SECOND_LEAST).toInt(), (longest.height / SECOND_LEAST).toInt())
    val part = softestPart(alpha, around, pixels, longestPart)
    val scale = minOf(nearness.scale, largestScale(longest, alpha.values.size, area, part, runs))
    if (scale < SECOND_LEAST) return null
    val (size, seen) = if (isFixed) {
        largerViewOfFixedSize(
            alpha.size,
            part,
            scale
        )
    } else {
        largerView(rule, alpha.size, area, part, scale)
    }
    return Plan(size, seen, within(share, part))
}

/** Trim a part to so many pixels, and its sides to the longest, where its outer strips are the least soft. */
private fun softestPart(alpha: Plane, around: Area, pixels: Double, longest: Size): Area {
    var part = around
    while (true) {
        val wide = part.width > longest.width
        val tall = part.height > longest.height
        val across = part.width > 2 * SECOND_STRIP && (wide || !tall)
        val down = part.height > 2 * SECOND_STRIP && (tall || !wide)
        val isSmallEnough = !(wide || tall) && part.pixels <= pixels
        if (isSmallEnough || !(across || down)) return part
        part = withoutLeastSoft(alpha, part, across, down)
    }
}

/** A part without its least soft outer strip, of those at the left and right or those at the top and bottom, or of all. */
private fun withoutLeastSoft(alpha: Plane, part: Area, across: Boolean, down: Boolean): Area {
    val strips = listOf(
        Triple(across, part.copy(right = part.left + SECOND_STRIP), part.copy(left = part.left + SECOND_STRIP)),
        Triple(down, part.copy(bottom = part.top + SECOND_STRIP), part.copy(top = part.top + SECOND_STRIP)),
        Triple(across, part.copy(left = part.right - SECOND_STRIP), part.copy(right = part.right - SECOND_STRIP)),
        Triple(down, part.copy(top = part.bottom - SECOND_STRIP), part.copy(bottom = part.bottom - SECOND_STRIP))
    )
    return strips.filter { (trimmed) -> trimmed }.minBy { (_, strip) -> softness(alpha, strip) }.third
}

private fun softness(alpha: Plane, part: Area): Double {
    var sum = 0.0
    for (y in part.top until part.bottom) {
        for (x in part.left until part.right) alpha.values[y * alpha.width + x].let { sum += minOf(it, 1 - it) }
    }
    return sum / part.pixels
}

/** A share as far as it is in a part: it rises within the part's border, where the network lacks context. */
private fun within(share: Plane, part: Area): Plane {
    fun axis(length: Int, start: Int, stop: Int) = FloatArray(length) {
        val rise = if (start == 0) 1f else (it + 0.5f - start) / (SECOND_MARGIN / 2) - 1
        val fall = if (stop == length) 1f else (stop - it - 0.5f) / (SECOND_MARGIN / 2) - 1
        minOf(rise, fall).coerceIn(0f, 1f)
    }
    val across = axis(share.width, part.left, part.right)
    val down = axis(share.height, part.top, part.bottom)
    return share.mapped { value, i -> value * (down[i / share.width] * across[i % share.width]) }
}

/** How many times as long as those of the first view, of so many pixels, the sides of another one may become. */
private fun largestScale(longest: Size, pixels: Int, area: Area, part: Area, runs: Double): Double = minOf(
    sqrt(runs * pixels / part.pixels),
    MOST_ENLARGED * sqrt(area.pixels / pixels),
    minOf(longest.width / part.width.toDouble(), longest.height / part.height.toDouble())
)

/** Size of a larger view of an area, and the part of it that the network sees, whose sides are multiples as in the rule. */
private fun largerView(rule: InputSize, first: Size, area: Area, part: Area, scale: Double): Pair<Size, Area> {
    var side = sqrt(first.pixels) * scale
    while (true) {
        val larger = rule.copy(side = round(side).toInt(), longest = Int.MAX_VALUE)
        val (width, height) = larger.fit(area.width, area.height)
        fun start(edge: Int, length: Int, before: Int) =
            floor(edge * (length.toDouble() / before / rule.multiple)).toInt() * rule.multiple
        fun stop(edge: Int, length: Int, before: Int) =
            minOf(ceil(edge * (length.toDouble() / before / rule.multiple)).toInt() * rule.multiple, length)
        val seen = Area(
            start(part.left, width, first.width),
            start(part.top, height, first.height),
            stop(part.right, width, first.width),
            stop(part.bottom, height, first.height)
        )
        if (seen.longer <= rule.longest) return Size(width, height) to seen
        side -= rule.multiple
    }
}

/** The same for a network of fixed sizes, which sees the part's middle in the size of the first view. */
private fun largerViewOfFixedSize(first: Size, part: Area, scale: Double): Pair<Size, Area> {
    val size = Size(round(first.width * scale).toInt(), round(first.height * scale).toInt())
    fun start(from: Int, to: Int, length: Int, before: Int): Int {
        val middle = (from + to) / 2.0 * length / before
        return minOf(maxOf(0, round(middle - before / 2.0).toInt()), length - before)
    }
    val left = start(part.left, part.right, size.width, first.width)
    val top = start(part.top, part.bottom, size.height, first.height)
    return size to Area(left, top, left + first.width, top + first.height)
}
