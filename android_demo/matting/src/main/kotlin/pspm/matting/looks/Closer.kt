package pspm.matting.looks

import kotlin.math.sqrt
import pspm.matting.InputSize
import pspm.matting.pictures.Plane
import pspm.matting.stages.BoxFilter
import pspm.matting.stages.CLOSER_RUNS
import pspm.matting.stages.GAIN
import pspm.matting.stages.LARGE
import pspm.matting.stages.NEAR_PEOPLE
import pspm.matting.stages.OUTSIDE
import pspm.matting.stages.SOMEBODY_FILLED
import pspm.matting.stages.SOMEBODY_SOFT
import pspm.matting.stages.SOMETHING
import pspm.matting.stages.TRUSTED

/**
 * Look at an area, and again at a better one if the people in it reach to its edge or leave most of it empty.
 *
 * [first]: the matte of the whole photo, if the people were found there. Of people who are large enough for it, it knows best
 * where nobody is.
 */
internal fun Viewer.lookCloser(area: Area, turn: Int, first: Plane? = null): Look {
    var look = lookAtPeople(area, turn, first)
    repeat(CLOSER_RUNS - 1) { look = lookAtPeople(betterBox(look, size, rule) ?: return look, turn, first) }
    return look
}

private fun Viewer.lookAtPeople(area: Area, turn: Int, first: Plane?): Look {
    val look = lookAt(area, turn)
    val near = first?.let { nearPeople(it, area, size, rule, look.alpha.size) } ?: return look
    return look.with(look.alpha.mapped { a, i -> minOf(a, near.values[i]) })
}

/** The area that fits the people in a look better than its own; null where another look is vain. */
internal fun betterBox(look: Look, size: Size, rule: InputSize): Area? {
    val better = boxOfPeople(look)?.widened(size) ?: return null
    return better.takeUnless { fits(it, look.area) || rule.gain(it, size.whole, look.turn) < GAIN }
}

/**
 * 1 near the people of a first look's matte, 0 far from them, at the [shape] of a look at an area; null where people are too
 * small for the first look to know.
 */
internal fun nearPeople(first: Plane, area: Area, size: Size, rule: InputSize, shape: Size): Plane? {
    val trusted = TRUSTED * rule.side
    if (area.pixels / size.pixels * first.values.size < trusted * trusted) return null
    val somebody = first.mapped { a, _ -> if (a > SOMETHING.toFloat()) 1f else 0f }
    BoxFilter(first.width, first.height).boxMean(somebody.values, somebody.values, NEAR_PEOPLE)
    // A window of that many pixels that holds one of somebody has a larger mean.
    val window = 2 * NEAR_PEOPLE + 1
    val near = somebody.mapped { share, _ -> if (share > 0.5 / (window * window)) 1f else 0f }
    return near.partResized(area, size, shape)
}

/** The boxes of the sure people in a look, in pixels of the photo. */
internal fun peopleIn(look: Look): List<Area> = surePeople(look.alpha).map { look.inPhoto(it) }

/** A box of a look's matte, in pixels of the photo. */
internal fun Look.inPhoto(box: Area): Area {
    val part = box.enlarged(alpha.size, Size(area.width, area.height))
    return Area(area.left + part.left, area.top + part.top, area.left + part.right, area.top + part.bottom)
}

/** The box around all people in a look, in pixels of the photo; null if there are none. */
internal fun boxOfPeople(look: Look): Area? = peopleIn(look).reduceOrNull(Area::union)

/** Whether a look at a trace of somebody shows a person: a sure matte of a plausible size. */
internal fun isSomebody(look: Look, size: Size): Boolean {
    val people = boxOfPeople(look) ?: return false
    val share = look.alpha.mean()
    val soft = look.alpha.mapped { a, _ -> minOf(a, 1 - a) }.mean() / maxOf(share, 1e-6)
    return share >= SOMEBODY_FILLED && soft <= SOMEBODY_SOFT && isSmall(people, size)
}

/** Whether somebody with this box is so small that the first look at a photo can miss them. */
internal fun isSmall(person: Area, size: Size): Boolean = person.longer <= LARGE * sqrt(size.pixels)

/** Whether an area shows what a better one would: it reaches as far, and is not much larger. */
private fun fits(better: Area, area: Area): Boolean {
    val allowed = OUTSIDE * better.longer
    val inside = better.left >= area.left - allowed && better.top >= area.top - allowed &&
        better.right <= area.right + allowed && better.bottom <= area.bottom + allowed
    return inside && area.pixels <= GAIN * GAIN * better.pixels
}
