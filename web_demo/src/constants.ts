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
