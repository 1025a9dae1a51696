package pspm.matting.pictures

/** One number per pixel, row by row. */
internal class Plane(val width: Int, val height: Int, val values: FloatArray) {
    /** Mean of all values. */
    fun mean(): Double = values.sumOf { it.toDouble() } / values.size

    /** A plane with a value made of each pixel's. */
    inline fun mapped(of: (Float, Int) -> Float): Plane = Plane(width, height, FloatArray(values.size) { of(values[it], it) })

    /** Turned by quarter turns, counter-clockwise. */
    fun turned(turn: Int): Plane {
        val places = turnedPlaces(width, height, turn)
        val (wide, high) = if (turn % 2 == 0) width to height else height to width
        return Plane(wide, high, FloatArray(values.size) { values[places(it)] })
    }

    /** Mirrored left and right. */
    fun mirrored(): Plane = Plane(width, height, FloatArray(values.size) { values[mirroredPlace(it, width)] })
}

/** A photo turned by quarter turns, counter-clockwise. */
internal fun Photo.turned(turn: Int): Photo {
    val places = turnedPlaces(width, height, turn)
    val (wide, high) = if (turn % 2 == 0) width to height else height to width
    return Photo(wide, high, IntArray(pixels.size) { pixels[places(it)] })
}

/** A photo mirrored left and right. */
internal fun Photo.mirrored(): Photo = Photo(width, height, IntArray(pixels.size) { pixels[mirroredPlace(it, width)] })

/** The part of a photo from [left], [top] to [right], [bottom]. */
internal fun Photo.cut(left: Int, top: Int, right: Int, bottom: Int): Photo {
    val wide = right - left
    val result = IntArray(wide * (bottom - top))
    for (y in top until bottom) pixels.copyInto(result, (y - top) * wide, y * width + left, y * width + right)
    return Photo(wide, bottom - top, result)
}

private fun mirroredPlace(place: Int, width: Int): Int = place - place % width + width - 1 - place % width

/** Where each pixel of a turned picture comes from. */
private fun turnedPlaces(width: Int, height: Int, turn: Int): (Int) -> Int = when (turn.mod(4)) {
    1 -> { i -> i % height * width + width - 1 - i / height }
    2 -> { i -> width * height - 1 - i }
    3 -> { i -> (height - 1 - i % height) * width + i / height }
    else -> { i -> i }
}

/** A plane, or the part [box] of it, resized bilinearly to [width] x [height] as Pillow resizes floats. */
internal fun Plane.resized(
    width: Int,
    height: Int,
    box: Box = Box(0.0, 0.0, this.width.toDouble(), this.height.toDouble())
): Plane {
    val across = Taps(this.width, box.left, box.right, width, Filter.BILINEAR)
    val between = FloatArray(width * this.height)
    for (y in 0 until this.height) {
        for (x in 0 until width) {
            var sum = 0.0
            for (i in 0 until across.count[x]) {
                sum += values[y * this.width + across.first[x] + i] * across.exact[x * across.reach + i]
            }
            between[y * width + x] = sum.toFloat()
        }
    }
    val down = Taps(this.height, box.top, box.bottom, height, Filter.BILINEAR)
    val result = FloatArray(width * height)
    for (y in 0 until height) {
        for (x in 0 until width) {
            var sum = 0.0
            for (i in 0 until down.count[y]) sum += between[(down.first[y] + i) * width + x] * down.exact[y * down.reach + i]
            result[y * width + x] = sum.toFloat()
        }
    }
    return Plane(width, height, result)
}
