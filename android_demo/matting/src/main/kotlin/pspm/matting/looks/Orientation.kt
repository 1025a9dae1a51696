package pspm.matting.looks

import kotlin.math.sqrt
import pspm.matting.pictures.Plane
import pspm.matting.stages.CLEAR
import pspm.matting.stages.CUT_OFF
import pspm.matting.stages.EDGE_WEIGHT
import pspm.matting.stages.LARGEST_DOUBT
import pspm.matting.stages.PERSON_SHARE
import pspm.matting.stages.TURN_MARGIN
import pspm.matting.stages.UPRIGHT_AGREEMENT
import pspm.matting.stages.UPRIGHT_FULL_AGREEMENT
import pspm.matting.stages.UPRIGHT_LEAD
import pspm.matting.stages.UPRIGHT_SOFT
import pspm.matting.stages.UPRIGHT_SOFT_WHOLE
import pspm.matting.stages.USUAL

/**
 * The given look at a whole photo, or one at the photo turned so that its people are upright.
 *
 * [small]: the same with a small view. Where people are plainly upright, nothing more is run.
 */
internal fun Viewer.upright(look: Look, small: Look): Look {
    val agreed = agreement(look.alpha, small.alpha)
    val presence = maxOf(look.alpha.mean(), small.alpha.mean())
    val smallDoubt = doubt(small.alpha, small.turn)
    if (isCertain(isPlain(look.alpha, look.turn), agreed, smallDoubt, softness(look.alpha), presence)) return look
    val doubts = listOf(smallDoubt) + (1..3).map { turn -> smallerLook(look, turn).let { doubt(it.alpha, it.turn) } }
    val best = turnOfLeastDoubt(doubts)
    if (best == 0 || showsSmallPerson(look)) return look
    val turned = lookAt(size.whole, best)
    // A look whose small view shows other people can be hard and absurd, all person for example.
    val left = if (agreed >= UPRIGHT_AGREEMENT) doubt(turned.alpha, turned.turn) else doubts[best]
    return if (left < doubt(look.alpha, look.turn)) turned else look
}

/**
 * Whether a photo stays as it is, without a look at it turned.
 *
 * [plain]: [isPlain] of the first look. [agreed]: of it and the small view. [smallDoubt]: of the small view. [soft]: of the
 * first look. [presence]: mean of the matte that has more of somebody.
 */
internal fun isCertain(plain: Boolean, agreed: Double, smallDoubt: Double, soft: Double, presence: Double): Boolean {
    if (plain && agreed >= UPRIGHT_AGREEMENT && smallDoubt <= CLEAR) return true
    // Whoever is seen so surely needs no turn, whatever the edges say: those of a photo with a border say nothing.
    // Whoever is large leaves a trace at any turn. Turned, a picture of nobody can come to look like somebody.
    return (soft <= UPRIGHT_SOFT && agreed >= UPRIGHT_FULL_AGREEMENT) || presence < PERSON_SHARE
}

/** The turn, 1 to 3, that leaves clearly the least doubt of the four; 0 if none does. */
internal fun turnOfLeastDoubt(doubts: List<Double>): Int {
    val best = doubts.indices.minBy { doubts[it] }
    return if (doubts[best] <= minOf(doubts[0] - TURN_MARGIN, LARGEST_DOUBT)) best else 0
}

/** Whether the largest person in a look is small, and a closer look confirms them. */
private fun Viewer.showsSmallPerson(look: Look): Boolean {
    val largest = peopleIn(look).maxByOrNull { it.pixels } ?: return false
    return isSmall(largest, size) && closerLookAtTheSame(largest) != null
}

/** Whether a matte is hard, and whoever is not whole in it is cut off by the lower edge most of all. */
internal fun isPlain(alpha: Plane, turn: Int): Boolean {
    val share = alpha.mean()
    val edges = Edges(alpha.turned(turn))
    // The smaller a person is, the more of the matte is its edge.
    val soft = softness(alpha) * minOf(1.0, sqrt(share / USUAL))
    if (maxOf(edges.lower, edges.others) < CUT_OFF) return share >= PERSON_SHARE && soft <= UPRIGHT_SOFT_WHOLE
    return edges.lower - edges.others >= UPRIGHT_LEAD && soft <= UPRIGHT_SOFT
}

/** How doubtful it is that the people in a matte, seen turned, are upright: 0 for a hard matte. */
internal fun doubt(alpha: Plane, turn: Int): Double {
    val edges = Edges(alpha.turned(turn))
    return softness(alpha) + EDGE_WEIGHT * (edges.others - edges.lower)
}

/** Means of a matte along its lower edge, and the largest of those along the others, two pixels wide. */
private class Edges(private val alpha: Plane) {
    val lower = mean(Area(0, alpha.height - 2, alpha.width, alpha.height))
    val others = maxOf(
        mean(Area(0, 0, alpha.width, 2)),
        mean(Area(0, 0, 2, alpha.height)),
        mean(Area(alpha.width - 2, 0, alpha.width, alpha.height))
    )

    private fun mean(part: Area): Double {
        var sum = 0.0
        for (y in part.top until part.bottom) for (x in part.left until part.right) sum += alpha.values[y * alpha.width + x]
        return sum / part.pixels
    }
}
