package pspm.demo

import kotlin.math.abs

/** What Live asks of the camera: enough for a phone's screen, and few enough pixels for thirty frames a second. */
const val FRAME_WIDTH = 640
const val FRAME_HEIGHT = 480

/** Of the sizes that a camera offers, all of even numbers, the one nearest to 640 x 480 in its number of pixels. */
fun chooseFrameSize(offered: List<Pair<Int, Int>>): Pair<Int, Int> = offered
    .filter { (width, height) -> width % 2 == 0 && height % 2 == 0 && width > 0 && height > 0 }
    .minByOrNull { (width, height) -> abs(width * height - FRAME_WIDTH * FRAME_HEIGHT) }
    ?: (FRAME_WIDTH to FRAME_HEIGHT)
