package pspm.matting

import kotlin.math.round

private const val FAR = 1.0 / 24
private const val NEAR = 1.0 / 160
private const val MARGIN = 4

/**
 * Foreground colours F of I = alpha F + (1 - alpha) B for photos of [width] x [height] and their mattes: the person's
 * own colours behind a soft matte, so that hair on a new background shows none of the old one.
 *
 * Blur fusion (Forte, "Approximate fast foreground colour estimation", 2021) in two passes: F and B are weighted means
 * of the photo's colours over a wide and then a narrow window, and F is moved so that the equation holds. F and B vary
 * slowly, so both are estimated on a copy whose longer side has [smallSide] pixels; only the last step runs at the
 * photo's resolution, on the parts where the matte is soft. Elsewhere F is the photo.
 */
class Foreground(private val width: Int, private val height: Int, smallSide: Int = PHOTO_SIDE) {
    private val scale = minOf(1.0, smallSide.toDouble() / maxOf(width, height))
    private val smallWidth = maxOf(1, round(width * scale).toInt())
    private val smallHeight = maxOf(1, round(height * scale).toInt())
    private val shrink = Shrink(width, height, smallWidth, smallHeight, Filter.BOX)
    private val small = IntArray(smallWidth * smallHeight)
    private val smallAlpha = ByteArray(smallWidth * smallHeight)
    private val f = IntArray(smallWidth * smallHeight)
    private val b = IntArray(smallWidth * smallHeight)
    private val fusion = BlurFusion(smallWidth, smallHeight)
    private val band = Band(smallWidth, smallHeight, MARGIN)
    private val across = Taps(smallWidth, 0.0, smallWidth.toDouble(), width, Filter.BILINEAR)
    private val down = Taps(smallHeight, 0.0, smallHeight.toDouble(), height, Filter.BILINEAR)
    private val rowsOfF = RowCache(width, smallHeight, across)
    private val rowsOfB = RowCache(width, smallHeight, across)

    /**
     * Estimate F of packed [photo] under [alpha], one unsigned byte a pixel, into [result], which may be [photo]
     * itself. Opaque.
     */
    fun run(photo: IntArray, alpha: ByteArray, result: IntArray) {
        shrink.run(photo, small)
        shrink.run(alpha, smallAlpha)
        fusion.run(small, smallAlpha, f, b)
        band.find(smallAlpha)
        if (result !== photo) System.arraycopy(photo, 0, result, 0, photo.size)
        for (part in 0 until band.parts) fusePart(part, alpha, result)
    }

    private fun fusePart(part: Int, alpha: ByteArray, result: IntArray) {
        val left = band.left(part, width)
        val right = band.right(part, width)
        if (right <= left) return
        rowsOfF.start(f, left, right)
        rowsOfB.start(b, left, right)
        for (y in band.top(part, height) until band.bottom(part, height)) {
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
                // Under a full matte F is the photo, under an empty one the estimate as it is.
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

    companion object {
        /** Longer side of the copy on which a photo's colours are estimated. */
        const val PHOTO_SIDE = 512
    }
}

private val in128ths = IntArray(256) { round(it * 128 / 255.0).toInt() }

/** Move F by what I = alpha F + (1 - alpha) B leaves unexplained, in proportion to alpha; packed pixels. */
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

/** Rows of a small picture, widened as they are needed: two neighbours at a time. */
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

    /** Where the widened [row] begins in [pixels]. */
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

/** Estimates of F and B on a small copy of the photo. */
private class BlurFusion(width: Int, height: Int) {
    private val side = maxOf(width, height)
    private val mean = BoxMean(width, height)
    private val weight = FloatArray(width * height)
    private val weightOfB = FloatArray(width * height)
    private val meanWeight = FloatArray(width * height)
    private val meanWeightOfB = FloatArray(width * height)
    private val photo = FloatArray(width * height)
    private val f = Array(COLOURS) { FloatArray(width * height) }
    private val b = Array(COLOURS) { FloatArray(width * height) }

    fun run(small: IntArray, alpha: ByteArray, fore: IntArray, back: IntArray) {
        for (i in weight.indices) {
            weight[i] = (alpha[i].toInt() and 255) / 255f
            weightOfB[i] = 1 - weight[i]
        }
        for (c in 0 until COLOURS) {
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
        mean.run(weight, meanWeight, radius)
        mean.run(weightOfB, meanWeightOfB, radius)
        for (c in 0 until COLOURS) {
            weightedMean(f[c], weight, meanWeight, radius)
            weightedMean(b[c], weightOfB, meanWeightOfB, radius)
            plane(small, c, photo)
            explain(f[c], b[c])
        }
    }

    /** Move F by what I = alpha F + (1 - alpha) B leaves unexplained. */
    private fun explain(f: FloatArray, b: FloatArray) {
        for (i in photo.indices) {
            val a = weight[i]
            val unexplained = photo[i] - a * f[i] - (1 - a) * b[i]
            f[i] = minOf(maxOf(f[i] + a * unexplained, 0f), 255f)
        }
    }

    private fun weightedMean(x: FloatArray, weight: FloatArray, meanWeight: FloatArray, radius: Int) {
        for (i in x.indices) x[i] *= weight[i]
        mean.run(x, x, radius)
        for (i in x.indices) x[i] /= maxOf(meanWeight[i], 1e-4f)
    }

    private fun plane(small: IntArray, colour: Int, into: FloatArray) {
        val shift = 16 - 8 * colour
        for (i in into.indices) into[i] = (small[i] shr shift and 255).toFloat()
    }

    private fun code(x: Float): Int = (x.coerceIn(0f, 255f) + 0.5f).toInt()

    private companion object {
        const val COLOURS = 3
    }
}
