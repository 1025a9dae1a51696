package pspm.matting.stages

import pspm.matting.pictures.Filter
import pspm.matting.pictures.ResampleMatte
import pspm.matting.pictures.Taps
import pspm.matting.pictures.blue
import pspm.matting.pictures.clampToByte
import pspm.matting.pictures.green
import pspm.matting.pictures.luma
import pspm.matting.pictures.red

/**
 * Stretch a matte in [0, 1], in place, so that values within [HAZE] of 0 or 1 become 0 or 1.
 *
 * Networks output a few 255ths on plain background. This haze is invisible in the matte but veils a new background, and
 * it would make every pixel of the photo soft.
 */
public fun settle(alpha: FloatArray) {
    for (i in alpha.indices) alpha[i] = ((alpha[i] - HAZE) / (1 - 2 * HAZE)).coerceIn(0f, 1f)
}

/** Convert [0, 1] to 0..255, rounded. Values outside are clamped. */
public fun to8Bit(x: Float): Byte = (x.coerceIn(0f, 1f) * 255 + 0.5f).toInt().toByte()

/**
 * Edge-aware upsampling of the network's matte, [viewWidth] x [viewHeight], to the photo's size, [width] x [height].
 * Buffers are allocated once; [refine] allocates nothing.
 *
 * A guided filter (He and Sun, "Fast guided filter", 2015) estimates, window by window on the small grid, the slope at
 * which the matte follows the photo's brightness. The matte is interpolated, and the brightness detail that interpolation
 * loses is added back times that slope, so edges follow those of the photo. Only tiles with soft pixels are processed.
 * For a photo no larger than its view, the matte is just interpolated.
 */
public class Refine internal constructor(
    private val viewWidth: Int,
    private val viewHeight: Int,
    private val width: Int,
    private val height: Int,
    private val guide: Guide,
    private val rows: Rows = OneBand
) {
    /** Refine by the photo's luma. */
    public constructor(viewWidth: Int, viewHeight: Int, width: Int, height: Int) :
        this(viewWidth, viewHeight, width, height, Guide.LUMA)

    private val plain = width.toLong() * height <= viewWidth.toLong() * viewHeight
    private val small = ByteArray(viewWidth * viewHeight)
    private val resample = if (plain) {
        ResampleMatte(viewWidth, viewHeight, width, height, Filter.BILINEAR)
    } else {
        null
    }
    private val across = Taps(viewWidth, 0.0, viewWidth.toDouble(), width, Filter.BILINEAR)
    private val down = Taps(viewHeight, 0.0, viewHeight.toDouble(), height, Filter.BILINEAR)
    private val nearestX = nearest(viewWidth, width)
    private val nearestY = nearest(viewHeight, height)
    private val tiles = SoftTiles(viewWidth, viewHeight, REFINE_MARGIN)
    private val boxFilter = BoxFilter(viewWidth, viewHeight)
    private val brightness = FloatArray(viewWidth * viewHeight)
    private val meanGuide = FloatArray(viewWidth * viewHeight)
    private val meanAlpha = FloatArray(viewWidth * viewHeight)
    private val product = FloatArray(viewWidth * viewHeight)
    private val slope = FloatArray(viewWidth * viewHeight)
    private val offset = FloatArray(viewWidth * viewHeight)

    // Slope and offset for one row of the photo, at the small grid's columns, in each band.
    private val slopeRows = Array(rows.bands) { FloatArray(viewWidth) }
    private val offsetRows = Array(rows.bands) { FloatArray(viewWidth) }

    // What the bands work on.
    private var photo = IntArray(0)
    private var result = ByteArray(0)
    private var models: ColourModels? = null
    private val enlarge = Band { _, from, until -> enlarge(from, until) }
    private val refineTiles = Band { band, from, until ->
        val models = models
        for (tile in from until until) if (models == null) refineTile(tile, band) else refineTile(tile, models)
    }

    /**
     * Write the photo's matte to [result], one unsigned byte a pixel. [alpha]: the network's matte, in [0, 1]; it is
     * settled in place. [view]: the network's view of the photo. [photo]: the photo. Both are packed.
     */
    public fun refine(alpha: FloatArray, view: IntArray, photo: IntArray, result: ByteArray) {
        settle(alpha)
        for (i in small.indices) small[i] = to8Bit(alpha[i])
        if (resample != null) {
            resample.run(small, result)
            return
        }
        this.photo = photo
        this.result = result
        rows.run(height, enlarge)
        tiles.find(small)
        if (guide == Guide.LUMA) linearModels(alpha, view) else models = ColourModels(viewWidth, viewHeight, alpha, view)
        rows.run(tiles.count, refineTiles)
    }

    /** Enlarge the small matte by the nearest pixel. Outside the soft tiles it is flat, so no interpolation is needed. */
    private fun enlarge(from: Int, until: Int) {
        var before = -1
        for (y in from until until) {
            val row = nearestY[y]
            if (row == before) {
                System.arraycopy(result, (y - 1) * width, result, y * width, width)
            } else {
                for (x in 0 until width) result[y * width + x] = small[row * viewWidth + nearestX[x]]
            }
            before = row
        }
    }

    /** Fit slope and offset of alpha = slope * guide + offset. The model is exact at every pixel of the small grid. */
    private fun linearModels(alpha: FloatArray, view: IntArray) {
        for (i in brightness.indices) {
            brightness[i] = luma(view[i]) / 255f
            product[i] = brightness[i] * alpha[i]
            slope[i] = brightness[i] * brightness[i]
        }
        boxFilter.boxMean(brightness, meanGuide, GUIDE_RADIUS)
        boxFilter.boxMean(alpha, meanAlpha, GUIDE_RADIUS)
        boxFilter.boxMean(product, product, GUIDE_RADIUS)
        boxFilter.boxMean(slope, slope, GUIDE_RADIUS)
        for (i in brightness.indices) {
            val covariance = product[i] - meanGuide[i] * meanAlpha[i]
            slope[i] = covariance / (slope[i] - meanGuide[i] * meanGuide[i] + EPSILON)
        }
        boxFilter.boxMean(slope, slope, GUIDE_RADIUS)
        for (i in brightness.indices) offset[i] = (alpha[i] - slope[i] * brightness[i]) * 255 + 0.5f
    }

    private fun refineTile(tile: Int, band: Int) {
        val slopeRow = slopeRows[band]
        val offsetRow = offsetRows[band]
        val left = tiles.left(tile, width)
        val right = tiles.right(tile, width)
        if (right <= left) return
        val from = across.first[left]
        val until = across.first[right - 1] + across.count[right - 1]
        for (y in tiles.top(tile, height) until tiles.bottom(tile, height)) {
            interpolateDown(slope, slopeRow, y, from, until)
            interpolateDown(offset, offsetRow, y, from, until)
            for (x in left until right) {
                val first = across.first[x]
                val tap = x * across.reach
                var rise = 0f
                var atBlack = 0f
                for (j in 0 until across.count[x]) {
                    val weight = across.weights[tap + j]
                    rise += slopeRow[first + j] * weight
                    atBlack += offsetRow[first + j] * weight
                }
                val at = y * width + x
                result[at] = clampToByte((rise * luma(photo[at]) + atBlack).toInt()).toByte()
            }
        }
    }

    private fun refineTile(tile: Int, models: ColourModels) {
        val planes = models.slopes + models.offset
        val rows = Array(planes.size) { FloatArray(viewWidth) }
        val left = tiles.left(tile, width)
        val right = tiles.right(tile, width)
        if (right <= left) return
        val until = across.first[right - 1] + across.count[right - 1]
        for (y in tiles.top(tile, height) until tiles.bottom(tile, height)) {
            for (i in planes.indices) interpolateDown(planes[i], rows[i], y, across.first[left], until)
            for (x in left until right) {
                val at = y * width + x
                val rise = atColumn(rows[0], x) * red(photo[at]) + atColumn(rows[1], x) * green(photo[at]) +
                    atColumn(rows[2], x) * blue(photo[at])
                result[at] = clampToByte((rise + atColumn(rows[3], x) * 255 + 0.5f).toInt()).toByte()
            }
        }
    }

    private fun atColumn(row: FloatArray, x: Int): Float {
        var sum = 0f
        for (j in 0 until across.count[x]) sum += row[across.first[x] + j] * across.weights[x * across.reach + j]
        return sum
    }

    private fun interpolateDown(plane: FloatArray, row: FloatArray, y: Int, from: Int, until: Int) {
        val first = down.first[y] * viewWidth
        val tap = y * down.reach
        val count = down.count[y]
        for (x in from until until) {
            var sum = 0f
            for (j in 0 until count) sum += plane[first + j * viewWidth + x] * down.weights[tap + j]
            row[x] = sum
        }
    }

    private companion object {
        /** For each of [size] pixels, the index of the nearest of [source] pixels. */
        fun nearest(source: Int, size: Int): IntArray {
            val scale = source.toDouble() / size
            var at = scale * 0.5
            return IntArray(size) { minOf(source - 1, at.toInt()).also { at += scale } }
        }
    }
}
