package pspm.matting

/** What lies so near to 0 or 1 gets there; see [settle]. */
private const val HAZE = 4f / 255

private const val RADIUS = 1
private const val EPSILON = 1e-3f
private const val MARGIN = 2

/**
 * Stretch a matte in [0, 1], in place, so that what is within [HAZE] of 0 or 1 gets there.
 *
 * Networks leave a haze of a few 255ths where nothing is: invisible in the matte, but a veil on a new background, and it
 * would make every pixel of the photo a soft one.
 */
fun settle(alpha: FloatArray) {
    for (i in alpha.indices) alpha[i] = ((alpha[i] - HAZE) / (1 - 2 * HAZE)).coerceIn(0f, 1f)
}

/** [0, 1] to 0..255, rounded; what lies outside is clamped. */
fun toByte(x: Float): Byte = (x.coerceIn(0f, 1f) * 255 + 0.5f).toInt().toByte()

/**
 * From the matte at the network's size, [viewWidth] x [viewHeight], to the matte at the photo's, [width] x [height]:
 * edge-aware upsampling. Buffers are made once; [run] allocates nothing.
 *
 * A guided filter (He and Sun, "Fast guided filter", 2015) gives the slope at which the matte follows the photo's
 * brightness, window by window on the small grid. The matte is then interpolated, and the brightness that interpolation
 * lost comes back times that slope, so edges fall where the photo has them. Only the parts that hold soft pixels are
 * touched. A photo no larger than its view gets its matte by plain interpolation.
 */
class Refine(private val viewWidth: Int, private val viewHeight: Int, private val width: Int, private val height: Int) {
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
    private val band = Band(viewWidth, viewHeight, MARGIN)
    private val mean = BoxMean(viewWidth, viewHeight)
    private val guide = FloatArray(viewWidth * viewHeight)
    private val meanGuide = FloatArray(viewWidth * viewHeight)
    private val meanAlpha = FloatArray(viewWidth * viewHeight)
    private val product = FloatArray(viewWidth * viewHeight)
    private val slope = FloatArray(viewWidth * viewHeight)
    private val offset = FloatArray(viewWidth * viewHeight)

    // The small grid's columns of one row of the photo, interpolated downwards.
    private val slopeRow = FloatArray(viewWidth)
    private val offsetRow = FloatArray(viewWidth)

    /**
     * [alpha]: the network's, in [0, 1]. [view]: the photo as the network saw it. [photo]: itself. All packed, row by
     * row. The matte goes to [result], one unsigned byte a pixel.
     */
    fun run(alpha: FloatArray, view: IntArray, photo: IntArray, result: ByteArray) {
        settle(alpha)
        for (i in small.indices) small[i] = toByte(alpha[i])
        if (resample != null) {
            resample.run(small, result)
            return
        }
        enlarge(result)
        fitLines(alpha, view)
        band.find(small)
        for (part in 0 until band.parts) refinePart(part, photo, result)
    }

    /** Outside the soft parts the small matte is flat, so that the nearest pixel is as good as any interpolation. */
    private fun enlarge(result: ByteArray) {
        var before = -1
        for (y in 0 until height) {
            val row = nearestY[y]
            if (row == before) {
                System.arraycopy(result, (y - 1) * width, result, y * width, width)
            } else {
                for (x in 0 until width) result[y * width + x] = small[row * viewWidth + nearestX[x]]
            }
            before = row
        }
    }

    /** Slope and offset of alpha = slope * guide + offset, exact at every pixel of the small grid. */
    private fun fitLines(alpha: FloatArray, view: IntArray) {
        for (i in guide.indices) {
            guide[i] = luma(view[i]) / 255f
            product[i] = guide[i] * alpha[i]
            slope[i] = guide[i] * guide[i]
        }
        mean.run(guide, meanGuide, RADIUS)
        mean.run(alpha, meanAlpha, RADIUS)
        mean.run(product, product, RADIUS)
        mean.run(slope, slope, RADIUS)
        for (i in guide.indices) {
            val covariance = product[i] - meanGuide[i] * meanAlpha[i]
            slope[i] = covariance / (slope[i] - meanGuide[i] * meanGuide[i] + EPSILON)
        }
        mean.run(slope, slope, RADIUS)
        for (i in guide.indices) offset[i] = (alpha[i] - slope[i] * guide[i]) * 255 + 0.5f
    }

    private fun refinePart(part: Int, photo: IntArray, result: ByteArray) {
        val left = band.left(part, width)
        val right = band.right(part, width)
        if (right <= left) return
        val from = across.first[left]
        val until = across.first[right - 1] + across.count[right - 1]
        for (y in band.top(part, height) until band.bottom(part, height)) {
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
        /** Which of [source] pixels is nearest to each of [size]. */
        fun nearest(source: Int, size: Int): IntArray {
            val scale = source.toDouble() / size
            var at = scale * 0.5
            return IntArray(size) { minOf(source - 1, at.toInt()).also { at += scale } }
        }
    }
}
