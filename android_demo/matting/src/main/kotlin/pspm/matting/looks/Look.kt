package pspm.matting.looks

import kotlin.math.abs
import kotlin.math.round
import kotlin.math.sqrt
import pspm.matting.InputSize
import pspm.matting.Progress
import pspm.matting.Step
import pspm.matting.pictures.Box
import pspm.matting.pictures.Filter
import pspm.matting.pictures.Photo
import pspm.matting.pictures.Plane
import pspm.matting.pictures.Resample
import pspm.matting.pictures.mirrored
import pspm.matting.pictures.resized
import pspm.matting.pictures.turned
import pspm.matting.stages.BoxFilter
import pspm.matting.stages.MIRROR_AGREES
import pspm.matting.stages.MIRROR_AROUND
import pspm.matting.stages.MIRROR_DIFFERS
import pspm.matting.stages.MOST_ENLARGED
import pspm.matting.stages.PERSON_SHARE
import pspm.matting.stages.SMALL_SIDE
import pspm.matting.stages.networkView

/** Runs a network. */
internal interface Network {
    val size: InputSize

    /** The matte of a view. */
    fun alpha(view: Photo): Plane
}

/**
 * A part of a photo that the network saw: [area]. [alpha]: its matte. [view]: the part at the size of alpha. [turn]: by how
 * many quarter turns, counter-clockwise, the network saw the view turned. alpha and view are as in the photo.
 */
internal class Look(val area: Area, val alpha: Plane, val view: Photo, val turn: Int = 0) {
    fun with(alpha: Plane) = Look(area, alpha, view, turn)
}

internal val Photo.size: Size get() = Size(width, height)

/** Size of the view of an area, as in the photo, where the network sees it turned. */
internal fun InputSize.view(area: Area, turn: Int = 0): Size {
    if (turn % 2 == 0) return fit(area.width, area.height).let { (width, height) -> Size(width, height) }
    return fit(area.height, area.width).let { (height, width) -> Size(width, height) }
}

/** The rule for views of a whole photo, which are not enlarged further than is useful. */
internal fun InputSize.forThumbnails(photo: Size): InputSize = smaller(round(MOST_ENLARGED * sqrt(photo.pixels)).toInt())

/** How many times larger a look at an area shows things than a look at the photo. */
internal fun InputSize.gain(area: Area, photo: Area, turn: Int = 0): Double =
    sqrt(view(area, turn).pixels / area.pixels / (view(photo, turn).pixels / photo.pixels))

/** Looks at one photo through a network. [progress] hears of each look, and can end them. */
internal class Viewer(private val network: Network, val photo: Photo, val progress: Progress = Progress()) {
    val size: Size = photo.size
    val rule: InputSize get() = network.size
    private var looks = 0

    /** Show an area of the photo to the network. */
    fun lookAt(area: Area, turn: Int = 0): Look {
        val rule = if (area == size.whole) rule.forThumbnails(size) else rule
        return lookAt(view(rule.view(area, turn), area), area, turn)
    }

    /** An area of the photo, resized, transparent pixels on white. */
    fun view(size: Size, area: Area): Photo {
        val part = Box(area.left.toDouble(), area.top.toDouble(), area.right.toDouble(), area.bottom.toDouble())
        return Photo(size.width, size.height, networkView(photo, size.width, size.height, part))
    }

    /** Show the network the view of a look again, reduced to the area [SMALL_SIDE]^2, and turned. */
    fun smallerLook(look: Look, turn: Int): Look {
        val to = rule.forThumbnails(size).smaller(SMALL_SIDE).view(look.area, turn)
        val from = look.view
        if (to == from.size && turn == look.turn) return look
        val pixels = IntArray(to.width * to.height)
        Resample(from.width, from.height, to.width, to.height, Filter.BILINEAR).run(from.pixels, pixels)
        return lookAt(Photo(to.width, to.height, pixels), look.area, turn)
    }

    /** The look with what its matte and that of its mirror image agree on. */
    fun withMirrorImage(look: Look): Look {
        progress.at(Step.LOOK, looks++, 0)
        val other = mirroredAlpha(look.view.turned(look.turn)).turned(-look.turn)
        return look.with(agreed(look.alpha, other))
    }

    /** The matte that the network answers for the mirror image of a view, mirrored back. */
    fun mirroredAlpha(view: Photo): Plane = alpha(view.mirrored()).mirrored()

    /** The matte that the network answers for a view. */
    fun alpha(view: Photo): Plane {
        progress.check()
        return network.alpha(view)
    }

    private fun lookAt(view: Photo, area: Area, turn: Int): Look {
        progress.at(Step.LOOK, looks++, 0)
        return Look(area, alpha(view.turned(turn)).turned(-turn), view, turn)
    }
}

/**
 * One matte of two of the same view: their mean, but the smaller one where they differ much.
 *
 * Hair differs little and gains from the mean. What only one of them takes for a part of the person, such as furniture, is
 * left out.
 */
internal fun agreed(one: Plane, other: Plane): Plane {
    val difference = one.mapped { a, i -> abs(a - other.values[i]) }
    val around = FloatArray(difference.values.size)
    BoxFilter(one.width, one.height).boxMean(difference.values, around, MIRROR_AROUND)
    return one.mapped { a, i ->
        val doubt = ((around[i] - MIRROR_AGREES) / (MIRROR_DIFFERS - MIRROR_AGREES)).coerceIn(0f, 1f)
        (a + other.values[i] - doubt * difference.values[i]) / 2
    }
}

/** How far a matte is from 0 and 1, by its mean: 0 for a hard one, 1 for one that is faint everywhere or empty. */
internal fun softness(alpha: Plane): Double {
    val share = alpha.mean()
    return if (share >= PERSON_SHARE) alpha.mapped { a, _ -> minOf(a, 1 - a) }.mean() / share else 1.0
}

/** Intersection over union of the people in the matte of a look and in that of a smaller view of the same area. */
internal fun agreement(alpha: Plane, small: Plane): Double {
    val reduced = if (alpha.size == small.size) alpha else alpha.resized(small.width, small.height)
    val both = small.values.indices.count { reduced.values[it] > 0.5f && small.values[it] > 0.5f }
    val any = small.values.indices.count { reduced.values[it] > 0.5f || small.values[it] > 0.5f }
    return both / maxOf(1, any).toDouble()
}
