package pspm.demo

import kotlin.math.abs

/** Width of a camera frame on the Live screen: large enough for a phone's screen, small enough for 30 frames a second. */
const val FRAME_WIDTH = 640

/** Height of a camera frame on the Live screen. */
const val FRAME_HEIGHT = 480

/** The even size among [offered], (width, height), whose number of pixels is nearest to that of 640 x 480. */
fun chooseFrameSize(offered: List<Pair<Int, Int>>): Pair<Int, Int> = offered
    .filter { (width, height) -> width % 2 == 0 && height % 2 == 0 && width > 0 && height > 0 }
    .minByOrNull { (width, height) -> abs(width * height - FRAME_WIDTH * FRAME_HEIGHT) }
    ?: (FRAME_WIDTH to FRAME_HEIGHT)

private const val FRAME_RATE = 30

/**
 * The range of frames a second, (lower, upper), to ask of a camera that [offered] these: up to 30, and as steady as
 * possible. Without it many cameras give 15 or fewer in a dim room. Null if nothing was offered.
 */
fun chooseFrameRate(offered: List<Pair<Int, Int>>): Pair<Int, Int>? =
    offered.minWithOrNull(compareBy({ (_, upper) -> abs(upper - FRAME_RATE) }, { (lower, _) -> -lower }))
