/**
 * Constants of the stages. Names and values are those of the Python runtime unless a comment says otherwise. The shaders
 * see them under the same names.
 */

/** Settle: alpha within HAZE of 0 or 1 becomes 0 or 1. */
export const HAZE = 4 / 255;

/** Linear models: regularisation of the guided filter, in squared luma. */
export const EPSILON = 1e-3;

/** Temporal smoothing: share of the new frame where nothing changes. */
export const STILL = 0.25;

/** Temporal smoothing: a change d of alpha adds |d| / JUMP to that share. */
export const JUMP = 0.25;

/** Foreground: longer side of the grid on which the colours are estimated. */
export const SMALL_SIDE = 512;

/** The same for a camera, in the browser only. */
export const LIVE_SMALL_SIDE = 256;

/** Foreground: radius of blur fusion's wide window, as a share of the grid's longer side. */
export const FAR = 1 / 24;

/** Foreground: radius of blur fusion's narrow window. */
export const NEAR = 1 / 160;

/** Bokeh: disc radius at strength 1, as a share of the photo's longer side. */
export const LARGEST_RADIUS = 0.035;

/** Bokeh: with a smaller radius, in pixels, the photo stays as it is. */
export const SMALLEST_RADIUS = 0.5;

/** Bokeh: largest disc radius to draw, in pixels. For a larger one the picture is reduced first. */
export const WORKING_RADIUS = 12;

/** The same for a camera, in the browser only. */
export const LIVE_WORKING_RADIUS = 6;

/** Bokeh: where the disc holds a smaller share of background, the background fill supplies the rest. */
export const LEAST = 0.1;

/** Bokeh: weight of pixels that contain some of the person. */
export const SOFT_SHARE = 1e-3;

/** Bokeh: how much brighter than white the brightest highlights become. */
export const HIGHLIGHT_GAIN = 6;

/** Bokeh: sRGB code, from 0 to 1, above which highlights become brighter. */
export const HIGHLIGHT_KNEE = 0.75;

/** Background fill: largest number of cells along a side. */
export const CELLS = 24;

/** Resample: the filter still shrinks by at least this factor after blocks are averaged; Pillow's `reducing_gap`. */
export const REDUCING_GAP = 2;

/** A photo with a smaller mean alpha has no person in it. */
export const PERSON_SHARE = 0.005;

/** Photos with more megapixels are refused. The Python runtime accepts 200. */
export const MAX_MEGAPIXELS = 100;

/** JPEG quality, in percent. */
export const QUALITY = 92;
