package pspm.matting.pictures

/**
 * Turn a picture upright by its EXIF orientation, 1 to 8. Returns the photo itself for 1 and for values outside this
 * range.
 */
public fun upright(photo: Photo, orientation: Int): Photo {
    if (orientation !in 2..8) return photo
    val turned = orientation >= 5
    val width = if (turned) photo.height else photo.width
    val height = if (turned) photo.width else photo.height
    // In the stored picture: the index of the upright picture's top left pixel, and the steps to the next column and row.
    val fromRight = orientation in listOf(2, 3, 7, 8)
    val fromBottom = orientation in listOf(3, 4, 6, 7)
    val stepX = if (fromRight) -1 else 1
    val stepY = if (fromBottom) -photo.width else photo.width
    val origin = (if (fromRight) photo.width - 1 else 0) + if (fromBottom) (photo.height - 1) * photo.width else 0
    val across = if (turned) stepY else stepX
    val down = if (turned) stepX else stepY
    val pixels = IntArray(photo.pixels.size)
    for (y in 0 until height) {
        for (x in 0 until width) pixels[y * width + x] = photo.pixels[origin + x * across + y * down]
    }
    return Photo(width, height, pixels)
}
