package pspm.matting.pictures

import kotlin.math.ceil
import pspm.matting.stages.Band
import pspm.matting.stages.OneBand
import pspm.matting.stages.REDUCING_GAP
import pspm.matting.stages.Rows

/** A rectangle of a picture, in pixels; fractions are allowed. */
public data class Box(val left: Double, val top: Double, val right: Double, val bottom: Double)

private const val HALF = 1 shl (Taps.FIXED_BITS - 1)

private fun inFixedPoint(sum: Int): Int = clampToByte(sum shr Taps.FIXED_BITS)

/**
 * Scales packed pictures of [width] x [height], or the part [box] of them, to [toWidth] x [toHeight]. It works in 8 bits,
 * rows first and then columns, with Pillow's rounding. Buffers are allocated once; [run] allocates nothing.
 */
public class Resample internal constructor(
    private val width: Int,
    private val height: Int,
    private val toWidth: Int,
    private val toHeight: Int,
    filter: Filter,
    box: Box,
    private val rows: Rows
) {
    public constructor(
        width: Int,
        height: Int,
        toWidth: Int,
        toHeight: Int,
        filter: Filter,
        box: Box = Box(0.0, 0.0, width.toDouble(), height.toDouble())
    ) : this(width, height, toWidth, toHeight, filter, box, OneBand)

    private val across = Taps(width, box.left, box.right, toWidth, filter)
    private val down = Taps(height, box.top, box.bottom, toHeight, filter)
    private val sameWidth = toWidth == width && box.left == 0.0 && box.right == width.toDouble()
    private val sameHeight = toHeight == height && box.top == 0.0 && box.bottom == height.toDouble()
    private val top = down.first[0]
    private val scaledRows = (0 until toHeight).maxOf { down.first[it] + down.count[it] } - top
    private val between = if (sameWidth) IntArray(0) else IntArray(scaledRows * toWidth)
    private val sums = Array(rows.bands) { Sums(toWidth) }

    // What the bands work on.
    private var source = IntArray(0)
    private var result = IntArray(0)
    private val scaleRows = Band { _, from, until ->
        for (y in from until until) scaleRow(source, (top + y) * width, y * toWidth)
    }
    private val scaleColumns = Band { band, from, until -> scaleColumns(from, until, sums[band]) }

    /** Scale [source] of [width] x [height] into [result] of [toWidth] x [toHeight]. The result is opaque. */
    public fun run(source: IntArray, result: IntArray) {
        this.source = source
        this.result = result
        if (!sameWidth) rows.run(scaledRows, scaleRows)
        rows.run(toHeight, scaleColumns)
    }

    private fun scaleColumns(from: Int, until: Int, sums: Sums) {
        val columns = if (sameWidth) source else between
        val offset = if (sameWidth) 0 else top
        for (y in from until until) {
            if (sameHeight) {
                System.arraycopy(columns, (y - offset) * toWidth, result, y * toWidth, toWidth)
            } else {
                scaleColumns(columns, y, offset, sums)
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

    private fun scaleColumns(columns: IntArray, y: Int, offset: Int, sums: Sums) {
        sums.start()
        for (j in 0 until down.count[y]) {
            sums.addRow(columns, (down.first[y] - offset + j) * toWidth, down.fixed[y * down.reach + j])
        }
        sums.write(result, y * toWidth)
    }
}

/** Weighted sums of whole rows of [width] pixels. */
private class Sums(private val width: Int) {
    private val r = IntArray(width)
    private val g = IntArray(width)
    private val b = IntArray(width)

    fun start() {
        r.fill(HALF)
        g.fill(HALF)
        b.fill(HALF)
    }

    /** Add a whole row: compilers vectorise such loops. */
    fun addRow(columns: IntArray, from: Int, weight: Int) {
        for (x in 0 until width) {
            val pixel = columns[from + x]
            r[x] += red(pixel) * weight
            g[x] += green(pixel) * weight
            b[x] += blue(pixel) * weight
        }
    }

    fun write(result: IntArray, into: Int) {
        for (x in 0 until width) {
            result[into + x] = rgb(inFixedPoint(r[x]), inFixedPoint(g[x]), inFixedPoint(b[x]))
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
public class Shrink internal constructor(
    private val width: Int,
    private val height: Int,
    private val toWidth: Int,
    private val toHeight: Int,
    filter: Filter,
    part: Box,
    private val rows: Rows
) {
    public constructor(
        width: Int,
        height: Int,
        toWidth: Int,
        toHeight: Int,
        filter: Filter,
        part: Box = Box(0.0, 0.0, width.toDouble(), height.toDouble())
    ) : this(width, height, toWidth, toHeight, filter, part, OneBand)

    internal constructor(width: Int, height: Int, toWidth: Int, toHeight: Int, filter: Filter, rows: Rows) :
        this(width, height, toWidth, toHeight, filter, Box(0.0, 0.0, width.toDouble(), height.toDouble()), rows)

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
    private val resample = Resample(reducedWidth, reducedHeight, toWidth, toHeight, filter, box, rows)
    private val resampleMatte by lazy { ResampleMatte(reducedWidth, reducedHeight, toWidth, toHeight, filter, box) }

    // What the bands work on.
    private var source = IntArray(0)
    private var sourceMatte = ByteArray(0)
    private val reduce = Band { _, from, until -> reduce(from, until) }
    private val reduceMatte = Band { _, from, until -> reduceMatte(from, until) }

    /** Scale a packed picture. [result] is opaque. */
    public fun run(source: IntArray, result: IntArray) {
        this.source = source
        if (reduces) rows.run(reducedHeight, reduce)
        resample.run(if (reduces) reduced else source, result)
    }

    /** Scale a matte, one unsigned byte a pixel. */
    public fun run(source: ByteArray, result: ByteArray) {
        sourceMatte = source
        if (reduces) rows.run(reducedHeight, reduceMatte)
        resampleMatte.run(if (reduces) reducedMatte else source, result)
    }

    private fun reduce(from: Int, until: Int) {
        for (y in from until until) {
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

    private fun reduceMatte(from: Int, until: Int) {
        for (y in from until until) {
            val bottom = minOf(stopY, firstY + (y + 1) * factorY)
            for (x in 0 until reducedWidth) {
                val right = minOf(stopX, firstX + (x + 1) * factorX)
                val left = firstX + x * factorX
                val area = (right - left) * (bottom - firstY - y * factorY)
                var sum = 0
                for (sy in firstY + y * factorY until bottom) {
                    for (i in sy * width + left until sy * width + right) sum += sourceMatte[i].toInt() and 255
                }
                val share = if (area == block) blockReciprocal else reciprocal(area)
                reducedMatte[y * reducedWidth + x] = roundedMean(sum, area, share).toByte()
            }
        }
    }
}
