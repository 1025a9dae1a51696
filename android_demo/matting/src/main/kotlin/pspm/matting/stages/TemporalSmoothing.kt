package pspm.matting.stages

import kotlin.math.abs

/**
 * Removes flicker from the mattes of camera frames; a matte has [size] values in [0, 1].
 *
 * A recursive average, pixel by pixel: the shown matte moves towards the network's matte by a fraction of their
 * difference d. The fraction is [STILL] + |d| / [JUMP], at most 1. Flicker is averaged over several frames, and motion is
 * followed at once: |shown - alpha| never exceeds [LARGEST_GHOST], so moving objects leave no ghost.
 */
public class TemporalSmoothing(size: Int) {
    private val shown = FloatArray(size)
    private var began = false

    /** Start a new sequence, for example after a change of the camera or of the device's rotation. */
    public fun reset() {
        began = false
    }

    /** Replace the network's [alpha] by the matte to show, in place. */
    public fun smooth(alpha: FloatArray) {
        if (began) {
            for (i in alpha.indices) {
                val difference = alpha[i] - shown[i]
                alpha[i] = shown[i] + minOf(STILL + abs(difference) / JUMP, 1f) * difference
            }
        }
        System.arraycopy(alpha, 0, shown, 0, shown.size)
        began = true
    }

    public companion object {
        /** Largest difference between the shown matte and the network's, 9/255. */
        public const val LARGEST_GHOST: Float = JUMP * (1 - STILL) * (1 - STILL) / 4
    }
}
