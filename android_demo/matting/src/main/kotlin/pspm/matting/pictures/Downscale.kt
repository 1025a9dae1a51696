package pspm.matting.pictures

/**
 * A copy with both sides divided by [divisor]. Each pixel is the mean of a square of pixels, in which colours count by their
 * alpha: the unseen colours of transparent pixels do not darken the edge of a cut-out.
 */
public fun downscale(photo: Photo, divisor: Int): Photo {
    val width = maxOf(1, photo.width / divisor)
    val height = maxOf(1, photo.height / divisor)
    val pixels = IntArray(width * height) { meanOfBlock(photo, it % width * divisor, it / width * divisor, divisor) }
    return Photo(width, height, pixels)
}

private fun meanOfBlock(photo: Photo, left: Int, top: Int, side: Int): Int {
    val right = minOf(left + side, photo.width)
    val bottom = minOf(top + side, photo.height)
    var a = 0
    var r = 0
    var g = 0
    var b = 0
    for (y in top until bottom) {
        for (x in left until right) {
            val pixel = photo.pixels[y * photo.width + x]
            val alpha = pixel ushr 24
            a += alpha
            r += alpha * red(pixel)
            g += alpha * green(pixel)
            b += alpha * blue(pixel)
        }
    }
    if (a == 0) return 0
    val area = (right - left) * (bottom - top)
    return (rounded(a, area) shl 24) or (rgb(rounded(r, a), rounded(g, a), rounded(b, a)) and 0xffffff)
}

private fun rounded(sum: Int, area: Int): Int = (sum + area / 2) / area
