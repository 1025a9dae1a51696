package pspm.matting.stages

// Constants of the stages. `make constants` writes this file from runtime/pspm_runtime/spec/stages.toml.

/** A picture is first reduced by whole factors as long as the filter then still shrinks it by this factor or more. */
internal const val REDUCING_GAP = 2

/** Alpha within this of 0 or 1 becomes 0 or 1. */
internal const val HAZE = 4f / 255f

/** Window of the guided filter: 2 radius + 1 pixels of the view along a side. The shaders are written for 1. */
internal const val GUIDE_RADIUS = 1

/** Regularisation of the guided filter, in squared luma. */
internal const val EPSILON = 0.001f

/** Pixels of the view around each soft pixel that are refined too. Shaders refine every pixel. */
internal const val REFINE_MARGIN = 2

/** Side of the cells that soft tiles are made of, in pixels of the small matte. */
internal const val SOFT_CELL = 8

/** A matte with a smaller mean shows nobody. */
internal const val PERSON_SHARE = 0.005

/** Longer side of the small copy on which colours are estimated. */
internal const val FOREGROUND_SIDE = 512

/** Radius of blur fusion's wide window, as a share of the copy's longer side. */
internal const val FAR = 1.0 / 24.0

/** Radius of blur fusion's narrow window, likewise. */
internal const val NEAR = 1.0 / 160.0

/** Pixels of the copy around each soft pixel that get estimated colours too. */
internal const val FOREGROUND_MARGIN = 4

/** Least weight of a window, so that no division is by zero. */
internal const val LEAST_WINDOW_WEIGHT = 0.0001f

/** Cells along the longer side of a cut-out. A cell keeps its colours if it or a neighbour is visible. */
internal const val CUT_OUT_CELLS = 128

/** Cells along the longer side of the picture whose light fills the background behind the person. */
internal const val CELLS = 24

/** Least weight of all cells, so that no division is by zero. */
internal const val LEAST_CELL_WEIGHT = 1e-20f

/** Share of the disc that must have weight. Below it, light from farther away supplies the rest. */
internal const val LEAST = 0.1

/** Radius of the disc at strength 1, as a share of the photo's longer side. */
internal const val LARGEST_RADIUS = 0.035

/** With a smaller radius, in pixels, the photo stays as it is. */
internal const val SMALLEST_RADIUS = 0.5

/** Largest radius of the disc, in pixels. For a larger one the picture is reduced first. */
internal const val WORKING_RADIUS = 12.0

/** Weight of pixels that hold some of the person, relative to pure background. */
internal const val SOFT_SHARE = 0.001

/** Alpha above which a pixel holds some of the person. */
internal const val SOFT_ALPHA = 0.05

/** Light added to white, as a multiple of its own. */
internal const val HIGHLIGHT_GAIN = 6.0

/** Code, from 0 to 1, above which light is added. */
internal const val HIGHLIGHT_KNEE = 0.75

/** Share of a small difference between frames that is followed at once. */
internal const val STILL = 0.25f

/** A difference of this size adds 1 to that share. */
internal const val JUMP = 0.25f

/** FOREGROUND_SIDE for a camera. A frame is seen for 1/30 s; Android's CPU has less time than the browser's GPU. */
internal const val LIVE_FOREGROUND_SIDE = 128

/** WORKING_RADIUS for a camera. */
internal const val LIVE_WORKING_RADIUS = 4.0
