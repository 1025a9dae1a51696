package pspm.matting.looks

import kotlin.math.round
import pspm.matting.Progress
import pspm.matting.Step
import pspm.matting.pictures.Photo
import pspm.matting.pictures.cut
import pspm.matting.stages.FEATHER
import pspm.matting.stages.Guide
import pspm.matting.stages.Refine
import pspm.matting.stages.Rows

/** How often [Refine] runs over rows or tiles. */
private const val REFINE_RUNS = 2

/**
 * Refine every look onto its part of a photo and merge them: the matte of the photo, one unsigned byte a pixel.
 *
 * [looks]: the first one is at the whole photo; each later one replaces what is in its area, and fades in along its edges.
 */
internal fun merge(looks: List<Look>, photo: Photo, guide: Guide, progress: Progress = Progress()): ByteArray {
    val rows = progress.rows(Step.REFINE, REFINE_RUNS * looks.size)
    val full = refined(looks.first(), photo, guide, rows)
    for (look in looks.drop(1)) {
        val area = look.area
        lay(full, refined(look, photo.cut(area.left, area.top, area.right, area.bottom), guide, rows), area, photo.size)
    }
    return full
}

private fun refined(look: Look, photo: Photo, guide: Guide, rows: Rows): ByteArray {
    val result = ByteArray(photo.pixels.size)
    val refine = Refine(look.view.width, look.view.height, photo.width, photo.height, guide, rows)
    refine.refine(look.alpha.values.copyOf(), look.view.pixels, photo.pixels, result)
    return result
}

private fun lay(full: ByteArray, part: ByteArray, area: Area, photo: Size) {
    val (across, down) = weights(area, photo)
    for (y in 0 until area.height) {
        for (x in 0 until area.width) {
            val weight = (down[y] * across[x] + 127) / 255
            val at = (area.top + y) * photo.width + area.left + x
            val over = part[y * area.width + x].toInt() and 255
            full[at] = (((full[at].toInt() and 255) * (255 - weight) + over * weight + 127) / 255).toByte()
        }
    }
}

/**
 * Weights of a look along the width and along the height of its area, 0 to 255; their product counts. They rise from each
 * edge of the area that is not an edge of the photo.
 */
internal fun weights(area: Area, photo: Size): Pair<IntArray, IntArray> {
    val reach = maxOf(1, round(FEATHER * area.longer).toInt())
    return rising(area.width, reach, area.left > 0, area.right < photo.width) to
        rising(area.height, reach, area.top > 0, area.bottom < photo.height)
}

private fun rising(length: Int, reach: Int, fromStart: Boolean, fromStop: Boolean) = IntArray(length) {
    var weight = 255
    if (fromStart) weight = minOf(weight, (2 * it + 1) * 255 / (2 * reach))
    if (fromStop) weight = minOf(weight, (2 * (length - 1 - it) + 1) * 255 / (2 * reach))
    weight
}
