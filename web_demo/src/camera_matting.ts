import type { Bundle } from "./bundle.ts";
import type { Effect } from "./effect.ts";
import type { Engine } from "./engines/engine.ts";
import type { Gpu } from "./gpu.ts";
import { fit } from "./input_size.ts";
import type { BackgroundTexture } from "./stages/compose/background_texture.ts";
import { LIVE_DETAIL, MattedPhoto } from "./stages/matted_photo.ts";
import { networkView } from "./stages/network_view.ts";
import { refine } from "./stages/refine/refine.ts";
import { TemporalSmoothing } from "./stages/temporal_smoothing/temporal_smoothing.ts";

/**
 * Times of one frame in milliseconds: before, in and after the network. Without `measure` nothing waits for the GPU to draw
 * the frame, and the next one's `pre` includes what is left of it.
 */
export interface FrameTimes {
  pre: number;
  inference: number;
  post: number;
  total: number;
}

/** Mattes the frames of a camera, smoothed over time. `close` it when done. */
export class CameraMatting {
  readonly #engine: Engine;
  readonly #bundle: Bundle;
  readonly #gpu: Gpu;
  readonly #background: BackgroundTexture;
  readonly #smoothing: TemporalSmoothing;

  /** @internal */
  constructor(engine: Engine, bundle: Bundle, gpu: Gpu, background: BackgroundTexture) {
    this.#engine = engine;
    this.#bundle = bundle;
    this.#gpu = gpu;
    this.#background = background;
    this.#smoothing = new TemporalSmoothing(gpu);
  }

  /**
   * Matte one frame and draw the result on the canvas, at the canvas's size. Photo and matte are of the same frame, so
   * the matte does not lag behind a moving person.
   *
   * mirror: flip left and right. measure: wait until the GPU has drawn, for exact times. smooth: true by default.
   */
  async frame(
    source: HTMLVideoElement | ImageBitmap,
    effect: Effect,
    options: { mirror?: boolean; measure?: boolean; smooth?: boolean } = {},
  ): Promise<FrameTimes> {
    const gpu = this.#gpu;
    const start = performance.now();
    const size =
      source instanceof ImageBitmap
        ? { width: source.width, height: source.height }
        : { width: source.videoWidth, height: source.videoHeight };
    const seen = fit(this.#bundle.size, size.width, size.height);
    const texture = gpu.picture(source, size.width, size.height, false);
    const view = networkView(gpu, texture, seen);
    try {
      const pixels = await gpu.readLater(view);
      const viewed = performance.now();
      const found = await this.#engine.run(pixels, seen);
      const ran = performance.now();
      if (options.smooth === false) this.#smoothing.reset();
      const alpha = gpu.numbers(found, seen.width, seen.height);
      const shown = this.#smoothing.smooth(alpha);
      const refined = refine(gpu, view, shown, size);
      const matted = new MattedPhoto(gpu, { texture, size }, refined, this.#background, LIVE_DETAIL);
      gpu.free(alpha);
      try {
        matted.show(effect, options.mirror ?? false);
        if (options.measure) gpu.finish();
      } finally {
        matted.close();
      }
      const drawn = performance.now();
      return { pre: viewed - start, inference: ran - viewed, post: drawn - ran, total: drawn - start };
    } finally {
      gpu.free(view, texture);
    }
  }

  close(): void {
    this.#smoothing.reset();
  }
}
