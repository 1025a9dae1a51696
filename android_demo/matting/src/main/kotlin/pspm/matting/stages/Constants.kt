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

/** EPSILON where the matte follows three colours: of these the slopes are surer, so less keeps them steady. */
internal const val EPSILON_OF_COLOURS = 0.0001

/** Regions of a matte that are less than a cell of so many pixels apart count as one. */
internal const val REGION_CELL = 4

/** Pixels of a matte above this belong to somebody, perhaps. */
internal const val SOMETHING = 0.1

/** A region without a pixel above this is not sure to be somebody. */
internal const val SURE = 0.5

/** Space around a person, as a share of its longer side. */
internal const val PERSON_MARGIN = 0.35

/** A closer look is worth its time from so many times the first one's scale on. */
internal const val GAIN = 1.5

/** Regions of fewer pixels of the view are specks. */
internal const val SPECK = 24

/** Views that are longer than this, for their height, waste their area; they are cut into overlapping parts. */
internal const val LONGEST_PART = 2.56

/** Share by which each of these parts overlaps the next one. */
internal const val PART_OVERLAP = 0.25

/** The view of a photo is at most so many times as long: farther enlarged, people are too blurred. */
internal const val MOST_ENLARGED = 4

/** The area of the small views that decide how a photo is seen is the square of this. */
internal const val SMALL_SIDE = 320

/** The matte of a clearer view is at most so many times as soft as the large one's. */
internal const val CLEARER_SOFTNESS = 0.9

/** Whoever fills less of the small view is too small for it. */
internal const val CLEARER_FILLED = 0.1

/** At most so many runs of the network for one box. */
internal const val CLOSER_RUNS = 3

/** How far the box around the people may reach out of what was seen, as a share of its longer side. */
internal const val OUTSIDE = 0.1

/** A person fills at least this share of a closer look. */
internal const val SOMEBODY_FILLED = 0.05

/** Their matte is at most so soft, by its mean. */
internal const val SOMEBODY_SOFT = 0.15

/** The first look misses nobody who is larger than this share of the photo, by the root of its area. */
internal const val LARGE = 0.3

/** Of a part that fills this share of a square first view's side, by the root of its area, the first look knows most. */
internal const val TRUSTED = 0.4

/** Namely that nobody is farther than so many of its pixels from everybody. */
internal const val NEAR_PEOPLE = 8

/** Two looks agree about a person whose boxes have this share of their common area in common. */
internal const val CONFIRM_SHARED = 0.5

/** A closer look at a person and a small view of it have this much in common (intersection over union). */
internal const val CONFIRM_AGREEMENT = 0.85

/** From this alpha on a trace is a hint. */
internal const val FAINT = 0.03

/** Photos of less than this many times the area of their view hold nobody whom tiles would show much larger. */
internal const val WORTH_TILES = 1.5

/** Number of tiles along the shorter side of a photo. */
internal const val TILES = 2

/** Inside its box a look fades in over this share of the longer side, which is half of the space around a person. */
internal const val FEATHER = 0.1

/** A look that shows which way up a photo is has at most this softness. */
internal const val UPRIGHT_SOFT = 0.025

/** The same for whoever is whole in the photo. */
internal const val UPRIGHT_SOFT_WHOLE = 0.04

/** Lead of the lower edge over the others there. */
internal const val UPRIGHT_LEAD = 0.3

/** Share of the photo from which on these hold; the softness of smaller people is allowed to be more. */
internal const val USUAL = 0.4

/** The people in a look at an upright photo are so much the same in a small view. */
internal const val UPRIGHT_AGREEMENT = 0.9

/** So much the same that no edge of the photo matters. */
internal const val UPRIGHT_FULL_AGREEMENT = 0.98

/** A look at that view leaves at most so much doubt there. */
internal const val CLEAR = 0.05

/** What the lead of the lower edge counts in the doubt about a look, beside its softness. */
internal const val EDGE_WEIGHT = 0.1

/** A turned photo must leave so much less doubt than it does as it is. */
internal const val TURN_MARGIN = 0.01

/** A turned photo must leave at most this doubt. */
internal const val LARGEST_DOUBT = 0.1

/** Below this share of an edge nobody is cut off by it. */
internal const val CUT_OFF = 0.05

/** Pixels of the view to each side, over which a matte and that of the mirror image are compared. */
internal const val MIRROR_AROUND = 8

/** Where they differ by no more than this, their mean counts. */
internal const val MIRROR_AGREES = 0.2f

/** Where they differ by this or more, the smaller one counts. */
internal const val MIRROR_DIFFERS = 0.4f

/** A second view that is less than so many times as long shows too little more. */
internal const val SECOND_LEAST = 1.3

/** A part is trimmed by strips of so many pixels of the first view. */
internal const val SECOND_STRIP = 16

/** Pixels of the first view around its soft ones that are decided again. */
internal const val SECOND_REACH = 6

/** Pixels around these that are seen. */
internal const val SECOND_MARGIN = 16

/** Pixels within that border over which the second look takes over from the first. */
internal const val SECOND_RAMP = 2

/** Pixels of the first view to each side, over which a second look may move the mean by SECOND_MOST_MOVED. */
internal const val SECOND_AROUND = 8

/** What it moves farther is the first look's, which knows better who is the person. */
internal const val SECOND_MOST_MOVED = 0.1f

/** People or groups who get a closer look with the quality fast. */
internal const val FAST_CLOSER = 4

/** The same with balanced. */
internal const val BALANCED_CLOSER = 12

/** The same with best. */
internal const val BEST_CLOSER = 24

/** Faint traces of people that are looked into with the quality balanced. With fast there are none. */
internal const val BALANCED_HINTS = 6

/** The same with best. */
internal const val BEST_HINTS = 12

/** How many times as long the sides of a second view may become. */
internal const val SECOND_SCALE = 1.6

/** How many pixels the network may see in a second look with the quality balanced, in views of the first look. */
internal const val BALANCED_SECOND_RUNS = 0.7

/** The same with best, where the network sees each of them mirrored too. */
internal const val BEST_SECOND_RUNS = 2.6
