package pspm.matting.stages

import pspm.matting.Progress
import pspm.matting.Step
import pspm.matting.pictures.Box
import pspm.matting.pictures.Filter
import pspm.matting.pictures.Matte
import pspm.matting.pictures.Photo
import pspm.matting.pictures.Resample
import pspm.matting.pictures.mixPixels
import pspm.matting.pictures.roundedMean

/** The largest centred part of a picture of [width] x [height] that has the aspect ratio of a frame. */
public fun coverBox(width: Int, height: Int, frameWidth: Int, frameHeight: Int): Box {
    val scale = minOf(width.toDouble() / frameWidth, height.toDouble() / frameHeight)
    val partWidth = minOf(width.toDouble(), frameWidth * scale)
    val partHeight = minOf(height.toDouble(), frameHeight * scale)
    val left = (width - partWidth) / 2
    val top = (height - partHeight) / 2
    return Box(left, top, minOf(width.toDouble(), left + partWidth), minOf(height.toDouble(), top + partHeight))
}

/** Scale a picture so that it covers a frame, and centre-crop it. Returns packed, opaque pixels of the frame's size. */
public fun cover(picture: Photo, frameWidth: Int, frameHeight: Int): IntArray {
    val box = coverBox(picture.width, picture.height, frameWidth, frameHeight)
    val result = IntArray(frameWidth * frameHeight)
    Resample(picture.width, picture.height, frameWidth, frameHeight, Filter.BICUBIC, box).run(picture.pixels, result)
    return result
}

/**
 * Turn [foreground] F into alpha F + (1 - alpha) B in place. The [picture] B is scaled to cover the photo and
 * centre-cropped, strip by strip to limit the memory.
 */
public fun compose(foreground: IntArray, matte: Matte, picture: Photo): Unit = compose(foreground, matte, picture, Progress())

/** The same, followed. */
internal fun compose(foreground: IntArray, matte: Matte, picture: Photo, progress: Progress) {
    val box = coverBox(picture.width, picture.height, matte.width, matte.height)
    val perRow = (box.bottom - box.top) / matte.height
    for (y in 0 until matte.height step STRIP) {
        progress.at(Step.COMPOSE, y, matte.height)
        val rows = minOf(STRIP, matte.height - y)
        val part = Box(box.left, box.top + perRow * y, box.right, minOf(box.bottom, box.top + perRow * (y + rows)))
        val strip = IntArray(matte.width * rows)
        Resample(picture.width, picture.height, matte.width, rows, Filter.BICUBIC, part).run(picture.pixels, strip)
        val start = y * matte.width
        for (i in strip.indices) {
            foreground[start + i] = mixPixels(matte[start + i], foreground[start + i], strip[i])
        }
    }
}

/** Turn [foreground] F into alpha F + (1 - alpha) B in place. The [background] B has the same size; both are packed. */
public fun compose(foreground: IntArray, alpha: ByteArray, background: IntArray): Unit =
    compose(foreground, alpha, background, 0, foreground.size)

/** The same for the pixels [from] to [until]. */
internal fun compose(foreground: IntArray, alpha: ByteArray, background: IntArray, from: Int, until: Int) {
    for (i in from until until) {
        val value = alpha[i].toInt() and 255
        if (value == 0) {
            foreground[i] = background[i] or -0x1000000
        } else if (value != 255) {
            foreground[i] = mixPixels(value, foreground[i], background[i])
        }
    }
}

/** Turn [foreground] F into alpha F + (1 - alpha) B in place, where the background B is one [colour]. */
public fun compose(foreground: IntArray, alpha: ByteArray, colour: Int): Unit =
    compose(foreground, alpha, colour, 0, foreground.size)

/** The same for the pixels [from] to [until]. */
internal fun compose(foreground: IntArray, alpha: ByteArray, colour: Int, from: Int, until: Int) {
    for (i in from until until) {
        val value = alpha[i].toInt() and 255
        if (value == 0) {
            foreground[i] = colour or -0x1000000
        } else if (value != 255) {
            foreground[i] = mixPixels(value, foreground[i], colour)
        }
    }
}

/**
 * Store the matte [alpha] as the transparency of [foreground], in place: straight (not premultiplied) ARGB.
 *
 * Far from the person the colours become black, which compresses best. Near the edge they stay, so that resampling the
 * cut-out shows no dark fringe.
 */
public fun cutOut(foreground: IntArray, alpha: ByteArray, width: Int, height: Int): Unit =
    cutOut(foreground, alpha, width, height, OneBand)

/** The same, in bands of rows. */
internal fun cutOut(foreground: IntArray, alpha: ByteArray, width: Int, height: Int, bands: Rows) {
    val reach = maxOf(1, maxOf(width, height) / CUT_OUT_CELLS)
    val columns = (width + reach - 1) / reach
    val rows = (height + reach - 1) / reach
    val visible = BooleanArray(columns * rows) { cell ->
        meanOfCell(alpha, width, height, cell % columns * reach, cell / columns * reach, reach) > 0
    }
    bands.run(height) { _, from, until ->
        for (y in from until until) {
            for (x in 0 until width) {
                val at = y * width + x
                val near = anyAround(visible, columns, rows, x / reach, y / reach)
                val colours = if (near) foreground[at] and 0xffffff else 0
                foreground[at] = (alpha[at].toInt() and 255 shl 24) or colours
            }
        }
    }
}

private fun meanOfCell(alpha: ByteArray, width: Int, height: Int, left: Int, top: Int, reach: Int): Int {
    val right = minOf(width, left + reach)
    val bottom = minOf(height, top + reach)
    var sum = 0
    for (y in top until bottom) {
        for (at in y * width + left until y * width + right) sum += alpha[at].toInt() and 255
    }
    return roundedMean(sum, (right - left) * (bottom - top))
}

private fun anyAround(cells: BooleanArray, columns: Int, rows: Int, x: Int, y: Int): Boolean {
    for (j in maxOf(0, y - 1)..minOf(rows - 1, y + 1)) {
        for (i in maxOf(0, x - 1)..minOf(columns - 1, x + 1)) if (cells[j * columns + i]) return true
    }
    return false
}

/** Rows that are composed at a time. */
private const val STRIP = 256
