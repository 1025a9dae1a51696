package pspm.matting.looks

import pspm.matting.stages.CONFIRM_AGREEMENT
import pspm.matting.stages.CONFIRM_SHARED

/**
 * The closer look at a small person whose box another look gave, in pixels of the photo; null if it differs.
 *
 * A closer look alone takes many a thing for a person that fills its view. So it must show somebody in the same place, and a
 * small view of it must show the same.
 */
internal fun Viewer.closerLookAtTheSame(person: Area, turn: Int = 0): Look? {
    val closer = lookCloser(person.widened(size), turn)
    val again = boxOfPeople(closer) ?: return null
    if (!isSomebody(closer, size) || !isSamePerson(person, again)) return null
    return closer.takeIf { areAlike(agreement(it.alpha, smallerLook(it, turn).alpha)) }
}

/** Whether two boxes are around the same person. */
internal fun isSamePerson(one: Area, other: Area): Boolean = one.shared(other) >= CONFIRM_SHARED

/** Whether a closer look and a small view of it, with so much in common, show the same. */
internal fun areAlike(agreed: Double): Boolean = agreed >= CONFIRM_AGREEMENT
