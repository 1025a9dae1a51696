import type { Effect } from "../../src/index.ts";

/**
 * How frames are measured: the protocol of docs/benchmark.md, the same in Python and in all apps, so that their results can
 * be compared.
 */
export const FRAME = { width: 1280, height: 720 };
/** The sample portrait, scaled to cover a frame, and cropped around its centre. */
export const CONTENT = "sample";
export const WARM_UP = 10;
export const ROUNDS = 100;
/** Of fewer rounds the 99th percentile is little more than the largest time. */
export const P99_FROM = 100;
export const PACED_FPS = 30;
export const PACED_SECONDS = 5;
export const SUSTAINED_SECONDS = 60;

export type EffectName = "none" | "colour" | "blur";

/** "none" computes the matte at the frame's size and leaves the frame as it is. */
export const EFFECTS: Record<EffectName, Effect> = {
  none: { kind: "photo" },
  colour: { kind: "colour", colour: "#00a050" },
  blur: { kind: "blur", strength: 0.5 },
};
