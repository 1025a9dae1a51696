import type { FrameTimes } from "../src/index.ts";
import { number, text } from "./language.ts";

const WINDOW = 1000;

/** Frames a second and mean times over about the last second. */
export interface Rates {
  /** Frames a second that the camera gave, or 0 if the browser does not tell. */
  camera: number;
  shown: number;
  /** The camera's frames in this second that were not shown. */
  dropped: number;
  pre: number;
  inference: number;
  post: number;
}

/** Measures the Live tab. */
export class Pace {
  #began: number | null = null;
  #given = 0;
  #times: FrameTimes[] = [];

  /** Count a frame that was shown at the time `now`. Returns the rates about once a second, else null. */
  add(times: FrameTimes, given: number, now: number): Rates | null {
    if (this.#began === null) {
      this.#restart(given, now);
      return null;
    }
    this.#times.push(times);
    const took = now - this.#began;
    if (took < WINDOW) return null;
    const count = this.#times.length;
    const came = given - this.#given;
    const mean = (stage: "pre" | "inference" | "post") => this.#times.reduce((sum, one) => sum + one[stage], 0) / count;
    const rates = {
      camera: (1000 * came) / took,
      shown: (1000 * count) / took,
      dropped: Math.max(0, came - count),
      pre: mean("pre"),
      inference: mean("inference"),
      post: mean("post"),
    };
    this.#restart(given, now);
    return rates;
  }

  #restart(given: number, now: number): void {
    this.#began = now;
    this.#given = given;
    this.#times = [];
  }
}

/** The rates as lines of text: the frame rate, and where the time goes. */
export function describeRates({ camera, shown, dropped, pre, inference, post }: Rates): string {
  const short = (value: number) => number(value, value < 10 ? 1 : 0);
  const rate = camera
    ? text("rateOf", { shown: short(shown), camera: short(camera), dropped })
    : text("rate", { shown: short(shown) });
  return `${rate}\n${text("times", { pre: short(pre), inference: short(inference), post: short(post) })}`;
}
