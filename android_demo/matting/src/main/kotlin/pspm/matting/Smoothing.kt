package pspm.matting

import kotlin.math.abs

/**
 * A calm matte from frame to frame, for what comes from a camera; mattes have [size] values in [0, 1].
 *
 * A recursive average, pixel by pixel: what was shown moves towards the network's matte by a share of their difference d,
 * and the share, [STILL] + |d| / [JUMP] and at most 1, grows with it. What flickers is averaged over several frames, and
 * what moves is followed at once: |shown - alpha| is never above [LARGEST_GHOST], so nothing leaves a ghost behind.
 */
class Smoothing(size: Int) {
    private val shown = FloatArray(size)
    private var began = false

    /** A new sequence begins: another camera, the device turned. */
    fun reset() {
        began = false
    }

    /** Turn the network's [alpha] into the matte to show, in place. */
    fun run(alpha: FloatArray) {
        if (began) {
            for (i in alpha.indices) {
                val difference = alpha[i] - shown[i]
                alpha[i] = shown[i] + minOf(STILL + abs(difference) / JUMP, 1f) * difference
            }
        }
        System.arraycopy(alpha, 0, shown, 0, shown.size)
        began = true
    }

    companion object {
        const val STILL = 0.25f
        const val JUMP = 0.25f
        const val LARGEST_GHOST = JUMP * (1 - STILL) * (1 - STILL) / 4
    }
}
