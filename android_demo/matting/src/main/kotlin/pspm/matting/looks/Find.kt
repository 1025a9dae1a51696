package pspm.matting.looks

import pspm.matting.Quality
import pspm.matting.Step
import pspm.matting.pictures.resized
import pspm.matting.stages.PERSON_SHARE

/** Look at a photo as often as the quality says. The first look is always at the whole photo. */
internal fun Viewer.looks(quality: Quality): List<Look> {
    val looks = findPeople(quality.budget)
    val nearness = quality.nearness
    // Balanced: a photo whose parts were looked at was seen near enough.
    if (nearness == null || (quality == Quality.BALANCED && looks.size > 1)) return looks
    val seen = if (quality == Quality.BEST && looks.size == 1) listOf(withMirrorImage(looks.single())) else looks
    return seen.mapIndexed { i, look ->
        progress.at(Step.SECOND_LOOK, i, seen.size)
        secondLook(look, nearness)
    }
}

/**
 * Look at a photo, and closer at people who are small in it.
 *
 * A photo of one large person gets one look, unless it is doubtful that the person is upright. With a budget for small views,
 * the small view counts where it is the clearer one.
 */
internal fun Viewer.findPeople(budget: Budget): List<Look> {
    var look = lookAt(size.whole)
    var small = look
    if (budget.smallViews) {
        small = smallerLook(look, 0)
        look = upright(look, small)
        if (look.turn != 0) small = smallerLook(look, look.turn)
        if (isClearer(small.alpha, look.alpha)) return listOf(withDetail(small, look))
    }
    val seen = small.alpha.resized(look.alpha.width, look.alpha.height)
    val somebody = look.alpha.mapped { a, i -> maxOf(a, seen.values[i]) }
    val boxes = boxesOfPeople(look.alpha, size, rule, budget.closer, look.turn)
    return listOf(look) + boxes.map { lookCloser(it, look.turn, somebody) } + lookIntoHints(look, budget.hints)
}

/** Whether there is a person in any of the looks at a photo. */
internal fun showsSomebody(looks: List<Look>): Boolean = looks.any { it.alpha.mean() >= PERSON_SHARE }
