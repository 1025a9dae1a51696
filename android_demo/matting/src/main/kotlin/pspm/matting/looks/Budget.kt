package pspm.matting.looks

import pspm.matting.Quality
import pspm.matting.stages.BALANCED_CLOSER
import pspm.matting.stages.BALANCED_HINTS
import pspm.matting.stages.BALANCED_SECOND_RUNS
import pspm.matting.stages.BEST_CLOSER
import pspm.matting.stages.BEST_HINTS
import pspm.matting.stages.BEST_SECOND_RUNS
import pspm.matting.stages.FAST_CLOSER
import pspm.matting.stages.Guide
import pspm.matting.stages.SECOND_SCALE

/**
 * Limits of a search for people. [closer]: number of people or groups that get a closer look; each takes one run of the
 * network, at most three. [hints]: number of faint traces of people that are looked into. [smallViews]: whether a photo is
 * also seen in a small view, for turned ones, and those that it shows more clearly.
 */
internal class Budget(val closer: Int, val hints: Int, val smallViews: Boolean)

/**
 * How near a second look goes. [scale]: how many times as long the sides of the view may become. [runs]: how many pixels the
 * network may see, in views of the first look. [mirrored]: whether it sees them mirrored too, and the mean counts.
 */
internal class Nearness(val scale: Double, val runs: Double, val mirrored: Boolean)

internal val Quality.budget: Budget
    get() = when (this) {
        Quality.FAST -> Budget(FAST_CLOSER, 0, smallViews = false)
        Quality.BALANCED -> Budget(BALANCED_CLOSER, BALANCED_HINTS, smallViews = true)
        Quality.BEST -> Budget(BEST_CLOSER, BEST_HINTS, smallViews = true)
    }

internal val Quality.nearness: Nearness?
    get() = when (this) {
        Quality.FAST -> null
        Quality.BALANCED -> Nearness(SECOND_SCALE, BALANCED_SECOND_RUNS, mirrored = false)
        Quality.BEST -> Nearness(SECOND_SCALE, BEST_SECOND_RUNS, mirrored = true)
    }

internal val Quality.guide: Guide get() = if (this == Quality.BEST) Guide.COLOURS else Guide.LUMA
