import {
  BALANCED_CLOSER,
  BALANCED_HINTS,
  BALANCED_SECOND_RUNS,
  BEST_CLOSER,
  BEST_HINTS,
  BEST_SECOND_RUNS,
  FAST_CLOSER,
  SECOND_SCALE,
} from "../constants.ts";

/** How much time a matte may take. */
export type Quality = "fast" | "balanced" | "best";

/** What of the photo the matte follows: its luma, or all three colours. */
export type Guide = "luma" | "colours";

/**
 * Limits of a search for people.
 *
 * closer: number of people or groups that get a closer look; each takes one run of the network, at most three.
 * hints: number of faint traces of people that are looked into. smallViews: whether a photo is also seen in a small view,
 * for turned ones, and those that it shows more clearly.
 */
export interface Budget {
  readonly closer: number;
  readonly hints: number;
  readonly smallViews: boolean;
}

/**
 * How near a second look goes.
 *
 * scale: how many times as long the sides of the view may become. runs: how many pixels the network may see, in views of
 * the first look. mirrored: whether it sees them mirrored too, and the mean of both answers counts.
 */
export interface Nearness {
  readonly scale: number;
  readonly runs: number;
  readonly mirrored: boolean;
}

export const QUALITIES: readonly Quality[] = ["fast", "balanced", "best"];

export const DEFAULT_QUALITY: Quality = "balanced";

export const BUDGETS: Readonly<Record<Quality, Budget>> = {
  fast: { closer: FAST_CLOSER, hints: 0, smallViews: false },
  balanced: { closer: BALANCED_CLOSER, hints: BALANCED_HINTS, smallViews: true },
  best: { closer: BEST_CLOSER, hints: BEST_HINTS, smallViews: true },
};

export const NEARNESS: Readonly<Record<Quality, Nearness | null>> = {
  fast: null,
  balanced: { scale: SECOND_SCALE, runs: BALANCED_SECOND_RUNS, mirrored: false },
  best: { scale: SECOND_SCALE, runs: BEST_SECOND_RUNS, mirrored: true },
};

export const GUIDES: Readonly<Record<Quality, Guide>> = { fast: "luma", balanced: "luma", best: "colours" };
