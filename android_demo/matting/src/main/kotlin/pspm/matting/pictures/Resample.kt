package pspm.matting.pictures

import kotlin.math.ceil
import pspm.matting.stages.REDUCING_GAP

/** A rectangle of a picture, in pixels; fractions are allowed. */
public data class Box(val left: Double, val top: Double, val right: Double, val bottom: Double)

private const val HALF = 1 shl (Taps.FIXED_BITS - 1)

private fun inFixedPoint(sum: Int): Int = clampToByte(sum shr Taps.FIXED_BITS)

/**
 * Scales packed pictures of [width] x [height], or the part [box] of them, to [toWidth] x [toHeight]. It works in 8 bits,
 * rows first and then columns, with Pillow's rounding. Buffers are allocated once; [run] allocates nothing.
 */
public class Resample(
    private val width: Int,
    private val height: Int,
    private val toWidth: Int,
    private val toHeight: Int,
    filter: Filter,
    box: Box = Box(0.0, 0.0, width.toDouble(), height.toDouble())
) {
    private val across = Taps(width, box.left, box.right, toWidth, filter)
    private val down = Taps(height, box.top, box.bottom, toHeight, filter)
    private val sameWidth = toWidth == width && box.left == 0.0 && box.right == width.toDouble()
    private val sameHeight = toHeight == height && box.top == 0.0 && box.bottom == height.toDouble()
    private val top = down.first[0]
    private val rows = (0 until toHeight).maxOf { down.first[it] + down.count[it] } - top
    private val between = if (sameWidth) IntArray(0) else IntArray(rows * toWidth)
    private val r = IntArray(toWidth)
    private val g = IntArray(toWidth)
    private val b = IntArray(toWidth)

    /** Scale [source] of [width] x [height] into [result] of [toWidth] x [toHeight]. The result is opaque. */
    public fun run(source: IntArray, result: IntArray) {
        if (!sameWidth) for (y in 0 until rows) scaleRow(source, (top + y) * width, y * toWidth)
        val columns = if (sameWidth) source else between
        val offset = if (sameWidth) 0 else top
        for (y in 0 until toHeight) {
            if (sameHeight) {
                System.arraycopy(columns, (y - offset) * toWidth, result, y * toWidth, toWidth)
            } else {
                scaleColumns(columns, y, offset, result)
            }
        }
    }

    private fun scaleRow(source: IntArray, row: Int, into: Int) {
        for (x in 0 until toWidth) {
            var r = HALF
            var g = HALF
            var b = HALF
            val from = row + across.first[x]
            val tap = x * across.reach
            for (j in 0 until across.count[x]) {
                val pixel = source[from + j]
                val weight = across.fixed[tap + j]
                r += red(pixel) * weight
                g += green(pixel) * weight
                b += blue(pixel) * weight
            }
            between[into + x] = rgb(inFixedPoint(r), inFixedPoint(g), inFixedPoint(b))
        }
    }

    private fun scaleColumns(columns: IntArray, y: Int, offset: Int, result: IntArray) {
        r.fill(HALF)
        g.fill(HALF)
        b.fill(HALF)
        for (j in 0 until down.count[y]) {
            addRow(columns, (down.first[y] - offset + j) * toWidth, down.fixed[y * down.reach + j])
        }
        val into = y * toWidth
        for (x in 0 until toWidth) {
            result[into + x] = rgb(inFixedPoint(r[x]), inFixedPoint(g[x]), inFixedPoint(b[x]))
        }
    }

    /** Add a whole row: compilers vectorise such loops. */
    private fun addRow(columns: IntArray, from: Int, weight: Int) {
        for (x in 0 until toWidth) {
            val pixel = columns[from + x]
            r[x] += red(pixel) * weight
            g[x] += green(pixel) * weight
            b[x] += blue(pixel) * weight
        }
    }
}

/** [Resample] for mattes, one unsigned byte a pixel. */
public class ResampleMatte(
    private val width: Int,
    private val height: Int,
    private val toWidth: Int,
    private val toHeight: Int,
    filter: Filter,
    box: Box = Box(0.0, 0.0, width.toDouble(), height.toDouble())
) {
    private val across = Taps(width, box.left, box.right, toWidth, filter)
    private val down = Taps(height, box.top, box.bottom, toHeight, filter)
    private val between = ByteArray(height * toWidth)

    /** Scale [source] of [width] x [height] into [result] of [toWidth] x [toHeight]. */
    public fun run(source: ByteArray, result: ByteArray) {
        for (y in 0 until height) {
            for (x in 0 until toWidth) {
                var sum = HALF
                val from = y * width + across.first[x]
                for (j in 0 until across.count[x]) {
                    sum += (source[from + j].toInt() and 255) * across.fixed[x * across.reach + j]
                }
                between[y * toWidth + x] = inFixedPoint(sum).toByte()
            }
        }
        for (y in 0 until toHeight) {
            for (x in 0 until toWidth) {
                var sum = HALF
                for (j in 0 until down.count[y]) {
                    val value = between[(down.first[y] + j) * toWidth + x].toInt() and 255
                    sum += value * down.fixed[y * down.reach + j]
                }
                result[y * toWidth + x] = inFixedPoint(sum).toByte()
            }
        }
    }
}

/** [sum] / [area] with the rounding of Pillow's `reduce`: a reciprocal with 24 fractional bits. */
internal fun roundedMean(sum: Int, area: Int): Int = roundedMean(sum, area, reciprocal(area))

private fun reciprocal(area: Int): Long = (1L shl 24) / area

private fun roundedMean(sum: Int, area: Int, reciprocal: Long): Int = ((sum + area / 2) * reciprocal shr 24).toInt()

/**
 * Scales pictures of [width] x [height], or a part of them, down to [toWidth] x [toHeight], as Pillow's `resize` with a
 * `reducing_gap` of [REDUCING_GAP] does: first by whole factors, then by a filter. The result is close to that of the filter
 * alone, for a fraction of the work.
 */
public class Shrink(
    private val width: Int,
    private val height: Int,
    private val toWidth: Int,
    private val toHeight: Int,
    filter: Filter,
    part: Box = Box(0.0, 0.0, width.toDouble(), height.toDouble())
) {
    private val factorX = maxOf(1, ((part.right - part.left) / toWidth / REDUCING_GAP).toInt())
    private val factorY = maxOf(1, ((part.bottom - part.top) / toHeight / REDUCING_GAP).toInt())
    private val reduces = factorX > 1 || factorY > 1

    // What is reduced: the filter sees so many pixels around the part.
    private val aroundX = if (reduces) (filter.support - 0.5) * (part.right - part.left) / toWidth else width.toDouble()
    private val aroundY = if (reduces) (filter.support - 0.5) * (part.bottom - part.top) / toHeight else height.toDouble()
    private val firstX = maxOf(0, (part.left - aroundX).toInt())
    private val firstY = maxOf(0, (part.top - aroundY).toInt())
    private val stopX = minOf(width, ceil(part.right + aroundX).toInt())
    private val stopY = minOf(height, ceil(part.bottom + aroundY).toInt())
    private val reducedWidth = ceil((stopX - firstX) / factorX.toDouble()).toInt()
    private val reducedHeight = ceil((stopY - firstY) / factorY.toDouble()).toInt()
    private val box = Box(
        (part.left - firstX) / factorX,
        (part.top - firstY) / factorY,
        (part.right - firstX) / factorX,
        (part.bottom - firstY) / factorY
    )
    private val block = factorX * factorY
    private val blockReciprocal = reciprocal(block)
    private val reduced = IntArray(if (reduces) reducedWidth * reducedHeight else 0)
    private val reducedMatte by lazy { ByteArray(if (reduces) reducedWidth * reducedHeight else 0) }
    private val resample = Resample(reducedWidth, reducedHeight, toWidth, toHeight, filter, box)
    private val resampleMatte by lazy { ResampleMatte(reducedWidth, reducedHeight, toWidth, toHeight, filter, box) }

    /** Scale a packed picture. [result] is opaque. */
    public fun run(source: IntArray, result: IntArray) {
        if (reduces) reduce(source)
        resample.run(if (reduces) reduced else source, result)
    }

    /** Scale a matte, one unsigned byte a pixel. */
    public fun run(source: ByteArray, result: ByteArray) {
        if (reduces) reduce(source)
        resampleMatte.run(if (reduces) reducedMatte else source, result)
    }

    private fun reduce(source: IntArray) {
        for (y in 0 until reducedHeight) {
            val bottom = minOf(stopY, firstY + (y + 1) * factorY)
            for (x in 0 until reducedWidth) {
                val right = minOf(stopX, firstX + (x + 1) * factorX)
                val left = firstX + x * factorX
                val area = (right - left) * (bottom - firstY - y * factorY)
                var r = 0
                var g = 0
                var b = 0
                for (sy in firstY + y * factorY until bottom) {
                    for (i in sy * width + left until sy * width + right) {
                        val pixel = source[i]
                        r += red(pixel)
                        g += green(pixel)
                        b += blue(pixel)
                    }
                }
                val share = if (area == block) blockReciprocal else reciprocal(area)
                val at = y * reducedWidth + x
                reduced[at] = rgb(roundedMean(r, area, share), roundedMean(g, area, share), roundedMean(b, area, share))
            }
        }
    }

    private fun reduce(source: ByteArray) {
        for (y in 0 until reducedHeight) {
            val bottom = minOf(stopY, firstY + (y + 1) * factorY)
            for (x in 0 until reducedWidth) {
                val right = minOf(stopX, firstX + (x + 1) * factorX)
                val left = firstX + x * factorX
                val area = (right - left) * (bottom - firstY - y * factorY)
                var sum = 0
                for (sy in firstY + y * factorY until bottom) {
                    for (i in sy * width + left until sy * width + right) sum += source[i].toInt() and 255
                }
                val share = if (area == block) blockReciprocal else reciprocal(area)
                reducedMatte[y * reducedWidth + x] = roundedMean(sum, area, share).toByte()
            }
        }
    }
}
