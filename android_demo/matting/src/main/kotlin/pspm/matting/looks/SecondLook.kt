package pspm.matting.looks

import pspm.matting.pictures.Photo
import pspm.matting.pictures.Plane
import pspm.matting.pictures.cut
import pspm.matting.pictures.resized
import pspm.matting.pictures.turned
import pspm.matting.stages.BoxFilter
import pspm.matting.stages.SECOND_AROUND
import pspm.matting.stages.SECOND_MOST_MOVED
import pspm.matting.stages.SECOND_RAMP
import pspm.matting.stages.SECOND_REACH
import pspm.matting.stages.settle
import pspm.matting.stages.to8Bit

/**
 * Show the network the soft part of a look from nearer: a look at the same area with a larger view.
 *
 * Returns the look itself where nothing is soft, and where the view could be hardly larger.
 */
internal fun Viewer.secondLook(look: Look, nearness: Nearness): Look {
    val alpha = settled(look.alpha)
    val plan = plan(alpha, look.area, rule, nearness) ?: return look
    val view = view(plan.size, look.area)
    val second = alpha.resized(plan.size.width, plan.size.height)
    val seen = plan.seen
    val shown = view.cut(seen.left, seen.top, seen.right, seen.bottom).turned(look.turn)
    val answer = answer(shown, nearness.mirrored).turned(-look.turn)
    for (y in 0 until answer.height) {
        val into = (seen.top + y) * second.width + seen.left
        answer.values.copyInto(second.values, into, y * answer.width, (y + 1) * answer.width)
    }
    return Look(look.area, blend(alpha, second, plan.share), view, look.turn)
}

private fun Viewer.answer(view: Photo, mirrored: Boolean): Plane {
    val alpha = alpha(view)
    if (!mirrored) return alpha
    val other = mirroredAlpha(view)
    return alpha.mapped { a, i -> (a + other.values[i]) / 2 }
}

/** The look with a small view, whose soft part is decided by one with a larger view of the same area. */
internal fun withDetail(small: Look, larger: Look): Look {
    val alpha = settled(small.alpha)
    return larger.with(blend(alpha, settled(larger.alpha), shareOfSecondLook(alpha, SECOND_REACH)))
}

private fun settled(alpha: Plane) = Plane(alpha.width, alpha.height, alpha.values.copyOf().also { settle(it) })

/** The part of a plane around all pixels above 0, with a margin in pixels; null if there are none. */
internal fun around(plane: Plane, margin: Int): Area? {
    val columns = (0 until plane.width).filter { x -> (0 until plane.height).any { plane.values[it * plane.width + x] > 0 } }
    val rows = (0 until plane.height).filter { y -> (0 until plane.width).any { plane.values[y * plane.width + it] > 0 } }
    if (columns.isEmpty()) return null
    return Area(
        maxOf(columns.first() - margin, 0),
        maxOf(rows.first() - margin, 0),
        minOf(columns.last() + 1 + margin, plane.width),
        minOf(rows.last() + 1 + margin, plane.height)
    )
}

/**
 * How much a second look decides of each pixel of a settled matte.
 *
 * Above 0 only within [reach] of soft pixels, across and down, and fading out towards the border of these parts.
 */
internal fun shareOfSecondLook(alpha: Plane, reach: Int): Plane {
    val width = alpha.width
    val codes = ByteArray(alpha.values.size) { to8Bit(alpha.values[it]) }
    val soft = BooleanArray(codes.size) {
        val isEdge = (it % width > 0 && codes[it] != codes[it - 1]) || (it >= width && codes[it] != codes[it - width])
        isEdge || (codes[it].toInt() != 0 && codes[it].toInt() != -1)
    }
    val wide = dilated(soft, width, alpha.height, width, 1, reach)
    val near = dilated(wide, alpha.height, width, 1, width, reach)
    val share = FloatArray(near.size) { if (near[it]) 1f else 0f }
    BoxFilter(width, alpha.height).boxMean(share, share, SECOND_RAMP)
    return Plane(width, alpha.height, share).mapped { mean, _ -> maxOf(0f, 2 * mean - 1) }
}

/** Every pixel within [reach] of another one, along [count] lines of a length, whose starts are [next] apart. */
private fun dilated(mask: BooleanArray, length: Int, count: Int, next: Int, step: Int, reach: Int): BooleanArray {
    val result = BooleanArray(mask.size)
    for (line in 0 until count) {
        var last = -length - 2 * reach
        for (i in 0 until length + reach) {
            if (i < length && mask[line * next + i * step]) last = i
            if (i >= reach && i - last <= 2 * reach) result[line * next + (i - reach) * step] = true
        }
    }
    return result
}

/** The second look's matte by its share, without what it moves too far; elsewhere the first one's, which is settled. */
internal fun blend(first: Plane, second: Plane, share: Plane): Plane {
    val blended = first.resized(second.width, second.height)
    val around = around(share, 1) ?: return blended
    val excess = excess(first, second.resized(first.width, first.height), share)
    // A pixel more to each side: bilinear enlarging reaches so far.
    val part = around.enlarged(first.size, second.size)
    val shape = Size(part.width, part.height)
    val tooFar = excess.partResized(part, second.size, shape)
    val decides = share.partResized(part, second.size, shape)
    for (y in 0 until part.height) {
        for (x in 0 until part.width) {
            val here = (part.top + y) * second.width + part.left + x
            val there = y * part.width + x
            val moved = (second.values[here] - blended.values[here] - tooFar.values[there]) * decides.values[there]
            blended.values[here] = (blended.values[here] + moved).coerceIn(0f, 1f)
        }
    }
    return blended
}

/** By how much the second matte moves the mean around each pixel too far, signed. */
private fun excess(first: Plane, second: Plane, share: Plane): Plane {
    val filter = BoxFilter(share.width, share.height)
    val weight = FloatArray(share.values.size)
    filter.boxMean(share.values, weight, SECOND_AROUND)
    val moved = share.mapped { part, i -> part * (second.values[i] - first.values[i]) }
    filter.boxMean(moved.values, moved.values, SECOND_AROUND)
    return moved.mapped { value, i ->
        val far = value / maxOf(weight[i], 1e-3f)
        far - far.coerceIn(-SECOND_MOST_MOVED, SECOND_MOST_MOVED)
    }
}
