/**
 * Constants of the stages; the shaders see them under the same names.
 *
 * `make constants` writes this file from runtime/pspm_runtime/spec/stages.toml.
 */

/** A picture is first reduced by whole factors as long as the filter then still shrinks it by this factor or more. */
export const REDUCING_GAP = 2;

/** Alpha within this of 0 or 1 becomes 0 or 1. */
export const HAZE = 4 / 255;

/** Regularisation of the guided filter, in squared luma. */
export const EPSILON = 0.001;

/** A matte with a smaller mean shows nobody. */
export const PERSON_SHARE = 0.005;

/** Longer side of the small copy on which colours are estimated. */
export const FOREGROUND_SIDE = 512;

/** Radius of blur fusion's wide window, as a share of the copy's longer side. */
export const FAR = 1 / 24;

/** Radius of blur fusion's narrow window, likewise. */
export const NEAR = 1 / 160;

/** Least weight of a window, so that no division is by zero. */
export const LEAST_WINDOW_WEIGHT = 0.0001;

/** Cells along the longer side of the picture whose light fills the background behind the person. */
export const CELLS = 24;

/** Least weight of all cells, so that no division is by zero. */
export const LEAST_CELL_WEIGHT = 1e-20;

/** Share of the disc that must have weight. Below it, light from farther away supplies the rest. */
export const LEAST = 0.1;

/** Radius of the disc at strength 1, as a share of the photo's longer side. */
export const LARGEST_RADIUS = 0.035;

/** With a smaller radius, in pixels, the photo stays as it is. */
export const SMALLEST_RADIUS = 0.5;

/** Largest radius of the disc, in pixels. For a larger one the picture is reduced first. */
export const WORKING_RADIUS = 12;

/** Weight of pixels that hold some of the person, relative to pure background. */
export const SOFT_SHARE = 0.001;

/** Alpha above which a pixel holds some of the person. */
export const SOFT_ALPHA = 0.05;

/** Light added to white, as a multiple of its own. */
export const HIGHLIGHT_GAIN = 6;

/** Code, from 0 to 1, above which light is added. */
export const HIGHLIGHT_KNEE = 0.75;

/** Share of a small difference between frames that is followed at once. */
export const STILL = 0.25;

/** A difference of this size adds 1 to that share. */
export const JUMP = 0.25;

/** FOREGROUND_SIDE for a camera. A frame is seen for 1/30 s; Android's CPU has less time than the browser's GPU. */
export const LIVE_FOREGROUND_SIDE = 256;

/** WORKING_RADIUS for a camera. */
export const LIVE_WORKING_RADIUS = 6;

/** JPEG quality of results, in percent, where nothing else is asked for. */
export const QUALITY = 92;

/** EPSILON where the matte follows three colours: of these the slopes are surer, so less keeps them steady. */
export const EPSILON_OF_COLOURS = 0.0001;

/** Regions of a matte that are less than a cell of so many pixels apart count as one. */
export const REGION_CELL = 4;

/** Pixels of a matte above this belong to somebody, perhaps. */
export const SOMETHING = 0.1;

/** A region without a pixel above this is not sure to be somebody. */
export const SURE = 0.5;

/** Space around a person, as a share of its longer side. */
export const PERSON_MARGIN = 0.35;

/** A closer look is worth its time from so many times the first one's scale on. */
export const GAIN = 1.5;

/** Regions of fewer pixels of the view are specks. */
export const SPECK = 24;

/** Views that are longer than this, for their height, waste their area; they are cut into overlapping parts. */
export const LONGEST_PART = 2.56;

/** Share by which each of these parts overlaps the next one. */
export const PART_OVERLAP = 0.25;

/** The view of a photo is at most so many times as long: farther enlarged, people are too blurred. */
export const MOST_ENLARGED = 4;

/** The area of the small views that decide how a photo is seen is the square of this. */
export const SMALL_SIDE = 320;

/** The matte of a clearer view is at most so many times as soft as the large one's. */
export const CLEARER_SOFTNESS = 0.9;

/** Whoever fills less of the small view is too small for it. */
export const CLEARER_FILLED = 0.1;

/** At most so many runs of the network for one box. */
export const CLOSER_RUNS = 3;

/** How far the box around the people may reach out of what was seen, as a share of its longer side. */
export const OUTSIDE = 0.1;

/** A person fills at least this share of a closer look. */
export const SOMEBODY_FILLED = 0.05;

/** Their matte is at most so soft, by its mean. */
export const SOMEBODY_SOFT = 0.15;

/** The first look misses nobody who is larger than this share of the photo, by the root of its area. */
export const LARGE = 0.3;

/** Of a part that fills this share of a square first view's side, by the root of its area, the first look knows most. */
export const TRUSTED = 0.4;

/** Namely that nobody is farther than so many of its pixels from everybody. */
export const NEAR_PEOPLE = 8;

/** Two looks agree about a person whose boxes have this share of their common area in common. */
export const CONFIRM_SHARED = 0.5;

/** A closer look at a person and a small view of it have this much in common (intersection over union). */
export const CONFIRM_AGREEMENT = 0.85;

/** From this alpha on a trace is a hint. */
export const FAINT = 0.03;

/** Photos of less than this many times the area of their view hold nobody whom tiles would show much larger. */
export const WORTH_TILES = 1.5;

/** Number of tiles along the shorter side of a photo. */
export const TILES = 2;

/** Inside its box a look fades in over this share of the longer side, which is half of the space around a person. */
export const FEATHER = 0.1;

/** A look that shows which way up a photo is has at most this softness. */
export const UPRIGHT_SOFT = 0.025;

/** The same for whoever is whole in the photo. */
export const UPRIGHT_SOFT_WHOLE = 0.04;

/** Lead of the lower edge over the others there. */
export const UPRIGHT_LEAD = 0.3;

/** Share of the photo from which on these hold; the softness of smaller people is allowed to be more. */
export const USUAL = 0.4;

/** The people in a look at an upright photo are so much the same in a small view. */
export const UPRIGHT_AGREEMENT = 0.9;

/** So much the same that no edge of the photo matters. */
export const UPRIGHT_FULL_AGREEMENT = 0.98;

/** A look at that view leaves at most so much doubt there. */
export const CLEAR = 0.05;

/** What the lead of the lower edge counts in the doubt about a look, beside its softness. */
export const EDGE_WEIGHT = 0.1;

/** A turned photo must leave so much less doubt than it does as it is. */
export const TURN_MARGIN = 0.01;

/** A turned photo must leave at most this doubt. */
export const LARGEST_DOUBT = 0.1;

/** Below this share of an edge nobody is cut off by it. */
export const CUT_OFF = 0.05;

/** Pixels of the view to each side, over which a matte and that of the mirror image are compared. */
export const MIRROR_AROUND = 8;

/** Where they differ by no more than this, their mean counts. */
export const MIRROR_AGREES = 0.2;

/** Where they differ by this or more, the smaller one counts. */
export const MIRROR_DIFFERS = 0.4;

/** A second view that is less than so many times as long shows too little more. */
export const SECOND_LEAST = 1.3;

/** A part is trimmed by strips of so many pixels of the first view. */
export const SECOND_STRIP = 16;

/** Pixels of the first view around its soft ones that are decided again. */
export const SECOND_REACH = 6;

/** Pixels around these that are seen. */
export const SECOND_MARGIN = 16;

/** Pixels within that border over which the second look takes over from the first. */
export const SECOND_RAMP = 2;

/** Pixels of the first view to each side, over which a second look may move the mean by SECOND_MOST_MOVED. */
export const SECOND_AROUND = 8;

/** What it moves farther is the first look's, which knows better who is the person. */
export const SECOND_MOST_MOVED = 0.1;

/** People or groups who get a closer look with the quality fast. */
export const FAST_CLOSER = 4;

/** The same with balanced. */
export const BALANCED_CLOSER = 12;

/** The same with best. */
export const BEST_CLOSER = 24;

/** Faint traces of people that are looked into with the quality balanced. With fast there are none. */
export const BALANCED_HINTS = 6;

/** The same with best. */
export const BEST_HINTS = 12;

/** How many times as long the sides of a second view may become. */
export const SECOND_SCALE = 1.6;

/** How many pixels the network may see in a second look with the quality balanced, in views of the first look. */
export const BALANCED_SECOND_RUNS = 0.7;

/** The same with best, where the network sees each of them mirrored too. */
export const BEST_SECOND_RUNS = 2.6;
