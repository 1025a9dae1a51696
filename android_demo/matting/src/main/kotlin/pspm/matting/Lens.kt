package pspm.matting

import kotlin.math.PI
import kotlin.math.ceil
import kotlin.math.pow
import kotlin.math.round
import kotlin.math.sqrt

/** Radius of the disc at full strength, as a share of the photo's longer side. */
private const val LARGEST_RADIUS = 0.035
private const val SMALLEST_RADIUS = 0.5
private const val SOFT_SHARE = 1e-3
private const val HIGHLIGHT_GAIN = 6.0
private const val HIGHLIGHT_KNEE = 0.75
private const val COLOURS = 3

/**
 * A photo with its background out of focus under its matte, in [result], which may be the photo's own array; see [Lens].
 */
fun blurBackground(photo: Photo, matte: Matte, strength: Double, result: IntArray): IntArray {
    val lens = Lens(photo.width, photo.height, strength)
    if (!lens.blurs) {
        for (i in result.indices) result[i] = photo.pixels[i] or -0x1000000
        return result
    }
    val blurred = IntArray(lens.blurredWidth * lens.blurredHeight)
    lens.run(photo.pixels, matte.values, blurred)
    Foreground(photo.width, photo.height).run(photo.pixels, matte.values, result)
    layOver(result, matte, Photo(lens.blurredWidth, lens.blurredHeight, blurred))
    return result
}

/**
 * Depth of field for photos of [width] x [height]: the background as a wide lens would draw it, behind a sharp person.
 *
 * [strength]: 0 leaves the photo alone, 1 blurs with a disc of radius 3.5 % of the photo's longer side. The disc gathers,
 * in linear light, pixels without a share of the person, and hardly any of others, so the person neither bleeds into the
 * background nor leaves a halo. The work is done on a copy on which the disc's radius is at most [workingRadius] pixels.
 * Buffers are made once; [run] allocates nothing.
 *
 * Throws [MattingException] for a strength that is not between 0 and 1.
 */
class Lens(private val width: Int, private val height: Int, strength: Double, workingRadius: Double = PHOTO_RADIUS) {
    init {
        if (!(strength >= 0 && strength <= 1)) {
            throw MattingException("a blur strength of $strength is out of range; choose one from 0 to 1")
        }
    }

    private val radius = strength * LARGEST_RADIUS * maxOf(width, height)
    private val reduction = maxOf(1.0, radius / workingRadius)

    /** False where the disc is smaller than a pixel, and the photo stays as it is. */
    val blurs: Boolean = radius >= SMALLEST_RADIUS

    /** Size of the blurred background, which covers the photo. */
    val blurredWidth: Int = if (blurs) maxOf(1, round(width / reduction).toInt()) else 1
    val blurredHeight: Int = if (blurs) maxOf(1, round(height / reduction).toInt()) else 1

    private val across = Taps(width, 0.0, width.toDouble(), blurredWidth, Filter.BOX)
    private val down = Taps(height, 0.0, height.toDouble(), blurredHeight, Filter.BOX)
    private val planes = Array(COLOURS + 1) { FloatArray(blurredWidth * blurredHeight) }
    private val row = FloatArray(blurredWidth * (COLOURS + 1))
    private val disc = DiscBlur(blurredWidth, blurredHeight, radius / reduction)

    /** The blurred background of packed [photo] under [alpha], into [blurred]; opaque. */
    fun run(photo: IntArray, alpha: ByteArray, blurred: IntArray) {
        backgroundLight(photo, alpha)
        disc.run(planes)
        for (i in blurred.indices) blurred[i] = rgb(code(planes[0][i]), code(planes[1][i]), code(planes[2][i]))
    }

    /** Mean light of the background, premultiplied by its share 1 - alpha, and that share, at the working size. */
    private fun backgroundLight(photo: IntArray, alpha: ByteArray) {
        for (plane in planes) plane.fill(0f)
        for (y in 0 until blurredHeight) {
            for (j in 0 until down.count[y]) {
                lightOfRow(photo, alpha, (down.first[y] + j) * width)
                val weight = down.weights[y * down.reach + j]
                for (c in planes.indices) {
                    val plane = planes[c]
                    val from = c * blurredWidth
                    for (x in 0 until blurredWidth) plane[y * blurredWidth + x] += row[from + x] * weight
                }
            }
        }
    }

    private fun lightOfRow(photo: IntArray, alpha: ByteArray, start: Int) {
        for (x in 0 until blurredWidth) {
            var r = 0f
            var g = 0f
            var b = 0f
            var s = 0f
            val first = start + across.first[x]
            val tap = x * across.reach
            for (j in 0 until across.count[x]) {
                val share = share[alpha[first + j].toInt() and 255] * across.weights[tap + j]
                if (share == 0f) continue
                val pixel = photo[first + j]
                r += light[red(pixel)] * share
                g += light[green(pixel)] * share
                b += light[blue(pixel)] * share
                s += share
            }
            row[x] = r
            row[blurredWidth + x] = g
            row[2 * blurredWidth + x] = b
            row[3 * blurredWidth + x] = s
        }
    }

    companion object {
        /** Of the disc on the copy of a photo, in pixels. */
        const val PHOTO_RADIUS = 12.0

        private val linear = DoubleArray(256) { code ->
            val x = code / 255.0
            if (x <= 0.04045) x / 12.92 else ((x + 0.055) / 1.055).pow(2.4)
        }

        // Highlights were brighter than the white they were clipped to: giving some of it back lets a small one bloom
        // into a disc. The same curve leads back, so that an even sky comes out as it went in.
        private val light = FloatArray(256) { code ->
            val above = ((code / 255.0 - HIGHLIGHT_KNEE) / (1 - HIGHLIGHT_KNEE)).coerceIn(0.0, 1.0)
            (linear[code] * (1 + HIGHLIGHT_GAIN * above * above)).toFloat()
        }

        // What holds any of the person has not the background's colour: it counts only where a photo holds nothing else.
        private val share = FloatArray(256) { code ->
            val x = code / 255.0
            ((1 - x) * if (x > 0.05) SOFT_SHARE else 1.0).toFloat()
        }

        /** Light back to an 8-bit sRGB code, along the curve by which it came. */
        private fun code(x: Float): Int {
            if (x <= light[0]) return 0
            if (x >= light[255]) return 255
            var lower = 0
            var upper = 255
            while (upper - lower > 1) {
                val middle = (lower + upper) ushr 1
                if (light[middle] <= x) lower = middle else upper = middle
            }
            return (lower + (x - light[lower]) / (light[upper] - light[lower]) + 0.5f).toInt()
        }
    }
}

/** Means of premultiplied light over a disc with soft borders, in pictures of [width] x [height]. */
class DiscBlur(private val width: Int, private val height: Int, private val radius: Double) {
    private val reach = ceil(radius).toInt() + 1
    private val sumWidth = width + 2 * reach + 1
    private val sums = Array(COLOURS + 1) { DoubleArray(height * sumWidth) }
    private val row = Array(COLOURS + 1) { DoubleArray(width) }
    private val afar = Array(COLOURS) { FloatArray(width * height) }
    private val spread = Spread(width, height)
    private val least = (LEAST * PI * (radius + 0.5) * (radius + 0.5)).toFloat()

    /**
     * [planes]: light of three colours, premultiplied by the fourth plane, which says how much each pixel counts. The
     * three are replaced by the mean light over the disc. Where less than a tenth of the disc counts, which is inside the
     * person, light spread from farther away makes up for the rest: the less the disc sees, the more, so that there is no
     * seam.
     */
    fun run(planes: Array<FloatArray>) {
        spread.run(planes, afar)
        for (c in planes.indices) runningSums(planes[c], sums[c])
        for (y in 0 until height) {
            for (c in planes.indices) sumOverDisc(sums[c], y, row[c])
            for (x in 0 until width) {
                val weight = row[COLOURS][x].toFloat()
                val lacking = maxOf(least - weight, 0f)
                val at = y * width + x
                for (c in 0 until COLOURS) {
                    planes[c][at] = (row[c][x].toFloat() + lacking * afar[c][at]) / maxOf(weight, least)
                }
            }
        }
    }

    /** Of every row, with [reach] + 1 zeros in front and the total repeated behind, so that no run leaves it. */
    private fun runningSums(plane: FloatArray, into: DoubleArray) {
        for (y in 0 until height) {
            var sum = 0.0
            val start = y * sumWidth + reach + 1
            for (x in 0 until width) {
                sum += plane[y * width + x]
                into[start + x] = sum
            }
            for (x in width until width + reach) into[start + x] = sum
        }
    }

    /** For each row of the disc a horizontal run, its ends weighed by how much of the pixel the disc covers. */
    private fun sumOverDisc(sums: DoubleArray, y: Int, result: DoubleArray) {
        result.fill(0.0)
        for (dy in -reach..reach) {
            if (y + dy < 0 || y + dy >= height) continue
            val half = sqrt(maxOf(0.0, (radius + 0.5) * (radius + 0.5) - dy * dy)) - 0.5
            if (half < 0) continue
            val n = half.toInt()
            val outer = half - n
            val inner = 1 - outer
            val right = (y + dy) * sumWidth + reach + 1 + n
            val left = (y + dy) * sumWidth + reach - n
            if (outer == 0.0) {
                for (x in 0 until width) result[x] += sums[right + x] - sums[left + x]
            } else {
                for (x in 0 until width) {
                    result[x] += inner * (sums[right + x] - sums[left + x]) +
                        outer * (sums[right + 1 + x] - sums[left - 1 + x])
                }
            }
        }
    }

    private companion object {
        /** Share of the disc that must count for it to answer alone. */
        const val LEAST = 0.1
    }
}
