import type { Effect } from "./effect.ts";
import type { Engine } from "./engine.ts";
import { type Manifest, fit } from "./manifest.ts";
import type { Stage } from "./stage.ts";

/** Milliseconds of one frame. */
export interface FrameTimes {
  pre: number;
  inference: number;
  post: number;
  total: number;
}

/** Frame after frame of a camera, with a matte that is calm over time. */
export class CameraMatting {
  readonly #engine: Engine;
  readonly #manifest: Manifest;
  readonly #stage: Stage;

  /** @internal */
  constructor(engine: Engine, manifest: Manifest, stage: Stage) {
    this.#engine = engine;
    this.#manifest = manifest;
    this.#stage = stage;
  }

  /**
   * Matte one frame and draw the result, the canvas being as large as is wanted. The photo and its matte are always of
   * the same frame, so that nothing trails behind who moves.
   *
   * measure: wait until the GPU has drawn, so that the times are true.
   */
  async frame(
    source: HTMLVideoElement | ImageBitmap,
    effect: Effect,
    options: { mirror?: boolean; measure?: boolean; calm?: boolean } = {},
  ): Promise<FrameTimes> {
    const marks = [performance.now()];
    const size =
      source instanceof ImageBitmap
        ? { width: source.width, height: source.height }
        : { width: source.videoWidth, height: source.videoHeight };
    this.#stage.setPhoto(source, size, size, false);
    const seen = fit(this.#manifest.size, size.width, size.height);
    const view = this.#stage.view(seen);
    marks.push(performance.now());
    const alpha = await this.#engine.run(view, seen);
    marks.push(performance.now());
    this.#stage.setAlpha(alpha, seen, options.calm ?? true);
    this.#stage.show(effect, options.mirror ?? false);
    if (options.measure) this.#stage.gpu.finish();
    marks.push(performance.now());
    const [start, viewed, ran, drawn] = marks as [number, number, number, number];
    return { pre: viewed - start, inference: ran - viewed, post: drawn - ran, total: drawn - start };
  }

  close(): void {
    this.#stage.close();
  }
}
