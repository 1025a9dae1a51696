package pspm.matting.looks

import pspm.matting.pictures.Plane
import pspm.matting.stages.CLEARER_FILLED
import pspm.matting.stages.CLEARER_SOFTNESS

/** Whether the matte of a small view shows a person more clearly than that of the larger view of the same area. */
internal fun isClearer(small: Plane, alpha: Plane): Boolean {
    if (small.values.size >= alpha.values.size || small.mean() < CLEARER_FILLED) return false
    return softness(small) <= CLEARER_SOFTNESS * softness(alpha)
}
