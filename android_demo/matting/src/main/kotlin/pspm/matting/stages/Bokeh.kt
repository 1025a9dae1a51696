package pspm.matting.stages

import kotlin.math.PI
import kotlin.math.ceil
import kotlin.math.pow
import kotlin.math.round
import kotlin.math.sqrt
import pspm.matting.ErrorKind
import pspm.matting.MattingException
import pspm.matting.Progress
import pspm.matting.Step
import pspm.matting.pictures.Filter
import pspm.matting.pictures.Matte
import pspm.matting.pictures.Photo
import pspm.matting.pictures.RGB_CHANNELS
import pspm.matting.pictures.Taps
import pspm.matting.pictures.blue
import pspm.matting.pictures.green
import pspm.matting.pictures.red
import pspm.matting.pictures.rgb

/**
 * Blur the background of a photo; see [Bokeh] for [strength]. Writes packed, opaque pixels to [result] and returns it.
 * [result] may be the photo's own array.
 */
public fun blurBackground(photo: Photo, matte: Matte, strength: Double, result: IntArray): IntArray =
    blurBackground(photo, matte, strength, result, Progress())

/** How often [Bokeh] runs over rows. */
private const val BLUR_RUNS = 4

/** The same, followed. */
internal fun blurBackground(photo: Photo, matte: Matte, strength: Double, result: IntArray, progress: Progress): IntArray {
    val bokeh = Bokeh(photo.width, photo.height, strength, WORKING_RADIUS, progress.rows(Step.BLUR, BLUR_RUNS))
    if (!bokeh.blurs) {
        for (i in result.indices) result[i] = photo.pixels[i] or -0x1000000
        return result
    }
    val blurred = IntArray(bokeh.blurredWidth * bokeh.blurredHeight)
    bokeh.blur(photo.pixels, matte.values, blurred)
    foreground(photo, progress).estimateForeground(photo.pixels, matte.values, result)
    compose(result, matte, Photo(bokeh.blurredWidth, bokeh.blurredHeight, blurred), progress)
    return result
}

/**
 * Depth of field for photos of [width] x [height]: blurs the background with a disc, as a fast lens does.
 *
 * [strength]: 0 leaves the photo unchanged, 1 blurs with a disc of radius 3.5 % of the photo's longer side. The disc
 * averages linear light. Pixels that contain any of the person have almost no weight, so the person neither bleeds into
 * the background nor leaves a halo. The blur runs on a copy on which the disc's radius is at most [workingRadius] pixels.
 * Buffers are allocated once; [blur] allocates nothing.
 *
 * Throws [MattingException] if the strength is not between 0 and 1.
 */
public class Bokeh internal constructor(
    private val width: Int,
    private val height: Int,
    strength: Double,
    workingRadius: Double,
    private val rows: Rows
) {
    public constructor(width: Int, height: Int, strength: Double, workingRadius: Double = WORKING_RADIUS) :
        this(width, height, strength, workingRadius, OneBand)

    init {
        if (!(strength >= 0 && strength <= 1)) {
            throw MattingException(ErrorKind.BLUR_OUT_OF_RANGE, listOf("$strength"))
        }
    }

    private val radius = strength * LARGEST_RADIUS * maxOf(width, height)
    private val reduction = maxOf(1.0, radius / workingRadius)

    /** False if the disc is smaller than a pixel. The photo then stays unchanged. */
    public val blurs: Boolean = radius >= SMALLEST_RADIUS

    /** Width of the blurred background. It is the whole photo at a lower resolution. */
    public val blurredWidth: Int = if (blurs) maxOf(1, round(width / reduction).toInt()) else 1

    /** Height of the blurred background. */
    public val blurredHeight: Int = if (blurs) maxOf(1, round(height / reduction).toInt()) else 1

    private val across = Taps(width, 0.0, width.toDouble(), blurredWidth, Filter.BOX)
    private val down = Taps(height, 0.0, height.toDouble(), blurredHeight, Filter.BOX)
    private val planes = Array(RGB_CHANNELS + 1) { FloatArray(blurredWidth * blurredHeight) }
    private val lightRows = Array(rows.bands) { FloatArray(blurredWidth * (RGB_CHANNELS + 1)) }
    private val disc = DiscBlur(blurredWidth, blurredHeight, radius / reduction, rows)

    // What the bands work on.
    private var photo = IntArray(0)
    private var alpha = ByteArray(0)
    private var blurred = IntArray(0)
    private val backgroundLight = Band { band, from, until -> backgroundLight(from, until, lightRows[band]) }
    private val toCodes = Band { _, from, until ->
        for (i in from * blurredWidth until until * blurredWidth) {
            blurred[i] = rgb(toCode(planes[0][i]), toCode(planes[1][i]), toCode(planes[2][i]))
        }
    }

    /**
     * Write the blurred background of [photo] to [blurred], packed and opaque, of [blurredWidth] x [blurredHeight].
     * [alpha]: the matte, one unsigned byte a pixel.
     */
    public fun blur(photo: IntArray, alpha: ByteArray, blurred: IntArray) {
        this.photo = photo
        this.alpha = alpha
        this.blurred = blurred
        rows.run(blurredHeight, backgroundLight)
        disc.discBlur(planes)
        rows.run(blurredHeight, toCodes)
    }

    /** Mean light of the background, premultiplied by its weight, and the weight, at the size of the blurred background. */
    private fun backgroundLight(first: Int, stop: Int, row: FloatArray) {
        for (plane in planes) plane.fill(0f, first * blurredWidth, stop * blurredWidth)
        for (y in first until stop) {
            for (j in 0 until down.count[y]) {
                lightOfRow((down.first[y] + j) * width, row)
                val weight = down.weights[y * down.reach + j]
                for (c in planes.indices) {
                    val plane = planes[c]
                    val from = c * blurredWidth
                    for (x in 0 until blurredWidth) plane[y * blurredWidth + x] += row[from + x] * weight
                }
            }
        }
    }

    private fun lightOfRow(start: Int, row: FloatArray) {
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

    public companion object {
        private val linear = DoubleArray(256) { code ->
            val x = code / 255.0
            if (x <= 0.04045) x / 12.92 else ((x + 0.055) / 1.055).pow(2.4)
        }

        // The camera clipped highlights to white. Giving back some of that light lets a small highlight bloom into a disc.
        // toCode inverts the same curve, so a uniform sky does not change.
        private val light = FloatArray(256) { code ->
            val above = ((code / 255.0 - HIGHLIGHT_KNEE) / (1 - HIGHLIGHT_KNEE)).coerceIn(0.0, 1.0)
            (linear[code] * (1 + HIGHLIGHT_GAIN * above * above)).toFloat()
        }

        // A pixel that contains any of the person has the wrong colour. It counts only where there are no other pixels.
        private val share = FloatArray(256) { code ->
            val x = code / 255.0
            ((1 - x) * if (x > SOFT_ALPHA) SOFT_SHARE else 1.0).toFloat()
        }

        /** Linear light to an 8-bit sRGB value: the inverse of [light]. */
        private fun toCode(x: Float): Int {
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

/**
 * Means of premultiplied light over a disc with a soft border, for pictures of [width] x [height]. [radius] is in pixels.
 * Buffers are allocated once; [discBlur] allocates nothing.
 */
public class DiscBlur internal constructor(
    private val width: Int,
    private val height: Int,
    private val radius: Double,
    private val rows: Rows
) {
    public constructor(width: Int, height: Int, radius: Double) : this(width, height, radius, OneBand)

    private val reach = ceil(radius).toInt() + 1
    private val sumWidth = width + 2 * reach + 1
    private val sums = Array(RGB_CHANNELS + 1) { DoubleArray(height * sumWidth) }
    private val sumRows = Array(rows.bands) { Array(RGB_CHANNELS + 1) { DoubleArray(width) } }
    private val afar = Array(RGB_CHANNELS) { FloatArray(width * height) }
    private val fill = BackgroundFill(width, height)
    private val least = (LEAST * PI * (radius + 0.5) * (radius + 0.5)).toFloat()

    // What the bands work on.
    private var planes = emptyArray<FloatArray>()
    private val runningSums = Band { _, from, until -> for (c in planes.indices) runningSums(planes[c], sums[c], from, until) }
    private val sumsOverDisc = Band { band, from, until -> for (y in from until until) sumOverDisc(y, sumRows[band]) }

    /**
     * Replace the first three of [planes], premultiplied light, by the mean light over the disc. The fourth plane is the
     * weight of each pixel.
     *
     * Inside the person less than [LEAST] of the disc has weight. There [BackgroundFill] makes up for the missing weight;
     * its share grows gradually, so there is no seam.
     */
    public fun discBlur(planes: Array<FloatArray>) {
        fill.fillBackground(planes, afar)
        this.planes = planes
        rows.run(height, runningSums)
        rows.run(height, sumsOverDisc)
    }

    private fun sumOverDisc(y: Int, row: Array<DoubleArray>) {
        for (c in planes.indices) sumOverDisc(sums[c], y, row[c])
        for (x in 0 until width) {
            val weight = row[RGB_CHANNELS][x].toFloat()
            val lacking = maxOf(least - weight, 0f)
            val at = y * width + x
            for (c in 0 until RGB_CHANNELS) {
                planes[c][at] = (row[c][x].toFloat() + lacking * afar[c][at]) / maxOf(weight, least)
            }
        }
    }

    /** Running sums of each row, with [reach] + 1 zeros before it and the total repeated after it as padding. */
    private fun runningSums(plane: FloatArray, into: DoubleArray, from: Int, until: Int) {
        for (y in from until until) {
            var sum = 0.0
            val start = y * sumWidth + reach + 1
            for (x in 0 until width) {
                sum += plane[y * width + x]
                into[start + x] = sum
            }
            for (x in width until width + reach) into[start + x] = sum
        }
    }

    /** Sum one horizontal run for each row of the disc. The disc covers the pixels at its ends only in part. */
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
}
