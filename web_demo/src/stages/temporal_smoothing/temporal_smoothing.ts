import type { Gpu, Texture } from "../../gpu.ts";
import { shader } from "../../shaders.ts";
import smoothingShader from "./temporal_smoothing.frag?raw";

const SMOOTHING = shader(smoothingShader);

/** Recursive average of alpha over the frames of a camera. Owns the result until the next frame. */
export class TemporalSmoothing {
  readonly #gpu: Gpu;
  #shown: Texture | null = null;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** The alpha to show for a frame. The first frame, and a frame of another size, start a new sequence. */
  smooth(alpha: Texture): Texture {
    const { width, height } = alpha;
    const before = this.#shown;
    const previous = before?.width === width && before.height === height ? before : alpha;
    const shown = this.#gpu.target(width, height, "floats");
    this.#gpu.draw(SMOOTHING, { alpha, previous }, [shown]);
    this.#gpu.free(before);
    this.#shown = shown;
    return shown;
  }

  /** Start a new sequence with the next frame. */
  reset(): void {
    this.#gpu.free(this.#shown);
    this.#shown = null;
  }
}
