package pspm.matting.looks

import kotlin.math.round
import pspm.matting.pictures.Box
import pspm.matting.pictures.Plane
import pspm.matting.pictures.resized
import pspm.matting.stages.PERSON_MARGIN

/** Width and height in pixels. */
internal data class Size(val width: Int, val height: Int) {
    val pixels: Double get() = width.toDouble() * height

    /** The area of a whole photo of this size. */
    val whole: Area get() = Area(0, 0, width, height)
}

/** A rectangle of a photo or a matte, in whole pixels. */
internal data class Area(val left: Int, val top: Int, val right: Int, val bottom: Int) {
    val width: Int get() = right - left
    val height: Int get() = bottom - top
    val pixels: Double get() = width.toDouble() * height
    val longer: Int get() = maxOf(width, height)

    /** The area around two. */
    fun union(other: Area) =
        Area(minOf(left, other.left), minOf(top, other.top), maxOf(right, other.right), maxOf(bottom, other.bottom))

    /** Whether two have pixels in common. */
    fun overlaps(other: Area) = left < other.right && other.left < right && top < other.bottom && other.top < bottom

    /** What two have in common, as a share of what they cover. */
    fun shared(other: Area): Double {
        val wide = maxOf(0, minOf(right, other.right) - maxOf(left, other.left)).toDouble()
        val high = maxOf(0, minOf(bottom, other.bottom) - maxOf(top, other.top)).toDouble()
        return wide * high / (pixels + other.pixels - wide * high)
    }

    /** An area of a matte, in pixels of what it is a matte of. */
    fun enlarged(matte: Size, size: Size) = Area(
        scaled(left, size.width, matte.width),
        scaled(top, size.height, matte.height),
        -scaled(-right, size.width, matte.width),
        -scaled(-bottom, size.height, matte.height)
    )

    /** With [PERSON_MARGIN] around it, as far as a photo goes. */
    fun widened(size: Size): Area {
        val space = round(PERSON_MARGIN * longer).toInt()
        return Area(
            maxOf(0, left - space),
            maxOf(0, top - space),
            minOf(size.width, right + space),
            minOf(size.height, bottom + space)
        )
    }

    /** The largest value of a plane in it. */
    fun largest(plane: Plane): Float {
        var most = 0f
        for (y in top until bottom) for (x in left until right) most = maxOf(most, plane.values[y * plane.width + x])
        return most
    }

    /** Whether it holds the middle of another one. */
    fun holdsCentre(of: Area): Boolean =
        Math.floorDiv(of.left + of.right, 2) in left until right && Math.floorDiv(of.top + of.bottom, 2) in top until bottom

    private fun scaled(edge: Int, to: Int, from: Int): Int = Math.floorDiv(edge.toLong() * to, from.toLong()).toInt()
}

internal val Plane.size: Size get() = Size(width, height)

/** The part of a plane in an area of what it is a plane of, of a size, resized bilinearly to a [shape]. */
internal fun Plane.partResized(area: Area, size: Size, shape: Size): Plane {
    val across = width / size.width.toDouble()
    val down = height / size.height.toDouble()
    val right = minOf(area.right * across, width.toDouble())
    val bottom = minOf(area.bottom * down, height.toDouble())
    return resized(shape.width, shape.height, Box(area.left * across, area.top * down, right, bottom))
}
