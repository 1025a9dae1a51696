package pspm.matting.stages

import kotlin.math.round
import pspm.matting.Progress
import pspm.matting.Step
import pspm.matting.pictures.Filter
import pspm.matting.pictures.Photo
import pspm.matting.pictures.RGB_CHANNELS
import pspm.matting.pictures.Shrink
import pspm.matting.pictures.Taps
import pspm.matting.pictures.blue
import pspm.matting.pictures.clampToByte
import pspm.matting.pictures.green
import pspm.matting.pictures.mix
import pspm.matting.pictures.red
import pspm.matting.pictures.rgb

/**
 * Estimates the foreground colours F of I = alpha F + (1 - alpha) B, for photos of [width] x [height] and their mattes.
 * With them, hair on a new background shows nothing of the old one.
 *
 * Blur fusion (Forte, "Approximate fast foreground colour estimation", 2021) in two passes, over a wide and then a narrow
 * window: F and B are weighted means of the photo's colours, and F is then corrected so that the equation holds. F and B
 * vary slowly, so both are estimated on a copy whose longer side has [smallSide] pixels. Only the last step runs at the
 * photo's resolution, on the tiles where the matte is soft. Elsewhere F is the photo.
 */
public class Foreground internal constructor(
    private val width: Int,
    private val height: Int,
    smallSide: Int,
    private val rows: Rows
) {
    public constructor(width: Int, height: Int, smallSide: Int = FOREGROUND_SIDE) : this(width, height, smallSide, OneBand)

    private val scale = minOf(1.0, smallSide.toDouble() / maxOf(width, height))
    private val smallWidth = maxOf(1, round(width * scale).toInt())
    private val smallHeight = maxOf(1, round(height * scale).toInt())
    private val shrink = Shrink(width, height, smallWidth, smallHeight, Filter.BOX, rows)
    private val small = IntArray(smallWidth * smallHeight)
    private val smallAlpha = ByteArray(smallWidth * smallHeight)
    private val f = IntArray(smallWidth * smallHeight)
    private val b = IntArray(smallWidth * smallHeight)
    private val fusion = BlurFusion(smallWidth, smallHeight)
    private val tiles = SoftTiles(smallWidth, smallHeight, FOREGROUND_MARGIN)
    private val across = Taps(smallWidth, 0.0, smallWidth.toDouble(), width, Filter.BILINEAR)
    private val down = Taps(smallHeight, 0.0, smallHeight.toDouble(), height, Filter.BILINEAR)
    private val rowsOfF = Array(rows.bands) { RowCache(width, smallHeight, across) }
    private val rowsOfB = Array(rows.bands) { RowCache(width, smallHeight, across) }

    // What the bands work on.
    private var alpha = ByteArray(0)
    private var result = IntArray(0)
    private val fuseTiles = Band { band, from, until ->
        for (tile in from until until) fuseTile(tile, rowsOfF[band], rowsOfB[band])
    }

    /**
     * Write F to [result], packed and opaque. [photo]: packed. [alpha]: the matte, one unsigned byte a pixel. [result]
     * may be the same array as [photo].
     */
    public fun estimateForeground(photo: IntArray, alpha: ByteArray, result: IntArray) {
        shrink.run(photo, small)
        shrink.run(alpha, smallAlpha)
        fusion.run(small, smallAlpha, f, b)
        tiles.find(smallAlpha)
        if (result !== photo) System.arraycopy(photo, 0, result, 0, photo.size)
        this.alpha = alpha
        this.result = result
        rows.run(tiles.count, fuseTiles)
    }

    private fun fuseTile(tile: Int, rowsOfF: RowCache, rowsOfB: RowCache) {
        val left = tiles.left(tile, width)
        val right = tiles.right(tile, width)
        if (right <= left) return
        rowsOfF.start(f, left, right)
        rowsOfB.start(b, left, right)
        for (y in tiles.top(tile, height) until tiles.bottom(tile, height)) {
            val first = down.first[y]
            val lower = first + down.count[y] - 1
            val weight = down.fixed[y * down.reach]
            val weightBelow = if (down.count[y] > 1) down.fixed[y * down.reach + 1] else 0
            val upperF = rowsOfF.at(first)
            val lowerF = rowsOfF.at(lower)
            val upperB = rowsOfB.at(first)
            val lowerB = rowsOfB.at(lower)
            for (x in left until right) {
                val at = y * width + x
                val value = alpha[at].toInt() and 255
                // F is the photo where alpha is 255, and the estimate where it is 0.
                if (value != 255) {
                    val fore = blend(rowsOfF.pixels[upperF + x], rowsOfF.pixels[lowerF + x], weight, weightBelow)
                    result[at] = if (value == 0) {
                        fore
                    } else {
                        val back = blend(rowsOfB.pixels[upperB + x], rowsOfB.pixels[lowerB + x], weight, weightBelow)
                        fuse(value, fore, back, result[at])
                    }
                }
            }
        }
    }
}

/** How often [Foreground] runs over rows or tiles, at most. */
private const val FOREGROUND_RUNS = 5

/** The estimate for a photo, followed. */
internal fun foreground(photo: Photo, progress: Progress): Foreground =
    Foreground(photo.width, photo.height, FOREGROUND_SIDE, progress.rows(Step.FOREGROUND, FOREGROUND_RUNS))

/** Alpha, 0..255, in units of 1/128, as in Python, where its product with a colour difference must fit into 16 bits. */
private val in128ths = IntArray(256) { round(it * 128 / 255.0).toInt() }

/** Correct F by alpha times the residual of I = alpha F + (1 - alpha) B. Packed pixels. */
private fun fuse(alpha: Int, f: Int, b: Int, photo: Int): Int = rgb(
    fuseColour(alpha, red(f), red(b), red(photo)),
    fuseColour(alpha, green(f), green(b), green(photo)),
    fuseColour(alpha, blue(f), blue(b), blue(photo))
)

private fun fuseColour(alpha: Int, f: Int, b: Int, photo: Int): Int =
    clampToByte(f + ((photo - mix(alpha, f, b)) * in128ths[alpha] + 64 shr 7))

private fun blend(upper: Int, lower: Int, weight: Int, weightBelow: Int): Int = rgb(
    blendColour(red(upper), red(lower), weight, weightBelow),
    blendColour(green(upper), green(lower), weight, weightBelow),
    blendColour(blue(upper), blue(lower), weight, weightBelow)
)

private fun blendColour(upper: Int, lower: Int, weight: Int, weightBelow: Int): Int =
    clampToByte(upper * weight + lower * weightBelow + (1 shl (Taps.FIXED_BITS - 1)) shr Taps.FIXED_BITS)

/** Rows of a small picture, scaled to the full width on demand. It keeps the last two neighbouring rows. */
private class RowCache(private val width: Int, smallHeight: Int, private val across: Taps) {
    val pixels = IntArray(2 * width)
    private val held = intArrayOf(-1, -1)
    private val rows = smallHeight
    private var source = IntArray(0)
    private var left = 0
    private var right = 0

    fun start(picture: IntArray, from: Int, until: Int) {
        source = picture
        left = from
        right = until
        held.fill(-1)
    }

    /** Index in [pixels] at which the scaled [row] begins. */
    fun at(row: Int): Int {
        val slot = row and 1
        if (held[slot] != row) {
            widen(row, slot * width)
            held[slot] = row
        }
        return slot * width
    }

    private fun widen(row: Int, into: Int) {
        val base = row * (source.size / rows)
        for (x in left until right) {
            val first = base + across.first[x]
            val tap = x * across.reach
            val weight = across.fixed[tap]
            if (across.count[x] > 1) {
                pixels[into + x] = blend(source[first], source[first + 1], weight, across.fixed[tap + 1])
            } else {
                pixels[into + x] = blend(source[first], source[first], weight, 0)
            }
        }
    }
}

/** Estimates F and B on a small copy of the photo. */
private class BlurFusion(width: Int, height: Int) {
    private val side = maxOf(width, height)
    private val boxFilter = BoxFilter(width, height)
    private val weight = FloatArray(width * height)
    private val weightOfB = FloatArray(width * height)
    private val meanWeight = FloatArray(width * height)
    private val meanWeightOfB = FloatArray(width * height)
    private val photo = FloatArray(width * height)
    private val f = Array(RGB_CHANNELS) { FloatArray(width * height) }
    private val b = Array(RGB_CHANNELS) { FloatArray(width * height) }

    /** Write F to [fore] and B to [back], packed. [small] is the copy, [alpha] its matte. */
    fun run(small: IntArray, alpha: ByteArray, fore: IntArray, back: IntArray) {
        for (i in weight.indices) {
            weight[i] = (alpha[i].toInt() and 255) / 255f
            weightOfB[i] = 1 - weight[i]
        }
        for (c in 0 until RGB_CHANNELS) {
            plane(small, c, f[c])
            System.arraycopy(f[c], 0, b[c], 0, photo.size)
        }
        pass(small, FAR)
        pass(small, NEAR)
        for (i in fore.indices) {
            fore[i] = rgb(code(f[0][i]), code(f[1][i]), code(f[2][i]))
            back[i] = rgb(code(b[0][i]), code(b[1][i]), code(b[2][i]))
        }
    }

    private fun pass(small: IntArray, share: Double) {
        val radius = maxOf(1, round(side * share).toInt())
        boxFilter.boxMean(weight, meanWeight, radius)
        boxFilter.boxMean(weightOfB, meanWeightOfB, radius)
        for (c in 0 until RGB_CHANNELS) {
            weightedMean(f[c], weight, meanWeight, radius)
            weightedMean(b[c], weightOfB, meanWeightOfB, radius)
            plane(small, c, photo)
            fuse(f[c], b[c])
        }
    }

    /** Correct F by alpha times the residual of I = alpha F + (1 - alpha) B. */
    private fun fuse(f: FloatArray, b: FloatArray) {
        for (i in photo.indices) {
            val a = weight[i]
            val residual = photo[i] - a * f[i] - (1 - a) * b[i]
            f[i] = minOf(maxOf(f[i] + a * residual, 0f), 255f)
        }
    }

    private fun weightedMean(x: FloatArray, weight: FloatArray, meanWeight: FloatArray, radius: Int) {
        for (i in x.indices) x[i] *= weight[i]
        boxFilter.boxMean(x, x, radius)
        for (i in x.indices) x[i] /= maxOf(meanWeight[i], LEAST_WINDOW_WEIGHT)
    }

    private fun plane(small: IntArray, colour: Int, into: FloatArray) {
        val shift = 16 - 8 * colour
        for (i in into.indices) into[i] = (small[i] shr shift and 255).toFloat()
    }

    private fun code(x: Float): Int = (x.coerceIn(0f, 255f) + 0.5f).toInt()
}
