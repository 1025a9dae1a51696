import type { Effect } from "../effect.ts";
import { PspmError } from "../errors.ts";
import { JpegWriter } from "../files/jpeg.ts";
import { PngWriter } from "../files/png.ts";
import type { Gpu, Texture } from "../gpu.ts";
import type { Look } from "../looks/look.ts";
import { GUIDES, type Quality } from "../looks/quality.ts";
import type { Size } from "../size.ts";
import type { BackgroundTexture } from "../stages/compose/background_texture.ts";
import { MattedPhoto, PHOTO_DETAIL } from "../stages/matted_photo.ts";
import type { Part } from "../stages/photo_texture.ts";
import { merge } from "../stages/refine/refine.ts";

// Few enough pixels that cancelling takes effect soon, and that the memory is bounded.
const STRIP_PIXELS = 1 << 18;

type FileType = "image/png" | "image/jpeg";

export interface Work {
  signal: AbortSignal;
  onProgress: (done: number) => void;
}

/** Merge the looks at a photo on the GPU, to draw every effect. */
export function mattedPhoto(
  gpu: Gpu,
  photo: { texture: Texture; size: Size },
  looks: readonly Look[],
  quality: Quality,
  background: BackgroundTexture,
): MattedPhoto {
  const seen = looks.map(({ box, alpha, view }) => {
    return { box, view: gpu.bytes(view.data, view), alpha: gpu.numbers(alpha.data, alpha.width, alpha.height) };
  });
  try {
    return new MattedPhoto(gpu, photo, merge(gpu, seen, photo.size, GUIDES[quality]), background, PHOTO_DETAIL);
  } finally {
    gpu.free(...seen.flatMap(({ view, alpha }) => [view, alpha]));
  }
}

/** Makes the results of a photo at its own resolution, strip by strip. */
export class PhotoResults {
  readonly #gpu: Gpu;
  readonly #bitmap: ImageBitmap;
  readonly #texture: Texture;
  readonly #matted: MattedPhoto;

  /** texture: of the bitmap, perhaps smaller. */
  constructor(gpu: Gpu, bitmap: ImageBitmap, texture: Texture, matted: MattedPhoto) {
    this.#gpu = gpu;
    this.#bitmap = bitmap;
    this.#texture = texture;
    this.#matted = matted;
  }

  /** Alpha from 0 to 255, row by row. */
  async alpha(work: Work): Promise<Uint8Array<ArrayBuffer>> {
    const alpha = new Uint8Array(this.#bitmap.width * this.#bitmap.height);
    let at = 0;
    for await (const strip of this.#strips({ kind: "matte" }, 1, work)) {
      alpha.set(strip, at);
      at += strip.length;
    }
    return alpha;
  }

  /** An effect as a file. type: null for the effect's usual one. */
  async file(effect: Effect, type: "image/png" | null, work: Work): Promise<Blob> {
    if (effect.kind === "matte") return await this.#encode(effect, "image/png", 1, work);
    if (effect.kind === "cutout") return await this.#encode(effect, "image/png", 4, work);
    if (type === "image/png") return await this.#encode(effect, type, 3, work);
    try {
      return await this.#encode(effect, "image/jpeg", 4, work);
    } catch (error) {
      // A canvas has a maximum size; the PNG encoder needs no canvas.
      if (work.signal.aborted || !(error instanceof PspmError) || error.code !== "engine") throw error;
      return await this.#encode(effect, "image/png", 3, work);
    }
  }

  async #encode(effect: Effect, type: FileType, channels: 1 | 3 | 4, work: Work): Promise<Blob> {
    const { width, height } = this.#bitmap;
    const writer = await writing(() => (type === "image/png" ? new PngWriter(width, height, channels) : new JpegWriter(width, height)));
    for await (const strip of this.#strips(effect, channels, work)) await writing(() => writer.add(strip));
    return await writing(() => writer.end());
  }

  /** The strips from the top. The GPU draws the next one while one is used. */
  async *#strips(effect: Effect, channels: 1 | 3 | 4, { signal, onProgress }: Work): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const { width, height } = this.#bitmap;
    const rows = Math.max(1, Math.floor(STRIP_PIXELS / width));
    const begin = (top: number) => {
      const strip = top < height ? this.#strip(effect, channels, top, Math.min(rows, height - top)) : null;
      // It is awaited below, perhaps later than it fails.
      strip?.catch(() => undefined);
      return strip;
    };
    let next = begin(0);
    try {
      for (let top = 0; next; top += rows) {
        const strip: Uint8Array<ArrayBuffer> = await next;
        signal.throwIfAborted();
        next = begin(top + rows);
        yield strip;
        onProgress(Math.min(1, (top + rows) / height));
      }
    } finally {
      // The photo may be closed after this.
      await next?.catch(() => undefined);
    }
  }

  async #strip(effect: Effect, channels: 1 | 3 | 4, top: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
    const full = this.#bitmap.width;
    const strip = new Uint8Array(full * height * channels);
    const widest = this.#gpu.largest;
    for (let left = 0; left < full; left += widest) {
      const width = Math.min(widest, full - left);
      const bytes = await this.#part(effect, [left, top, width, height]);
      for (let row = 0; row < height; row++) {
        const from = bytes.subarray(row * width * 4, (row + 1) * width * 4);
        copyChannels(from, strip, (row * full + left) * channels, channels);
      }
    }
    return strip;
  }

  async #part(effect: Effect, part: Part): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#texture.width === this.#bitmap.width && this.#texture.height === this.#bitmap.height) {
      return await this.#matted.read(effect, part, null);
    }
    const piece = await createImageBitmap(this.#bitmap, ...part, { premultiplyAlpha: "none" });
    try {
      return await this.#matted.read(effect, part, piece);
    } finally {
      piece.close();
    }
  }
}

/** Do a part of writing a file. Whatever fails is an error that can be shown to the user. */
async function writing<Result>(job: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await job();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PspmError("engine", `The file could not be written (${reason}); try again or use a smaller photo.`);
  }
}

function copyChannels(rgba: Uint8Array, to: Uint8Array, at: number, channels: 1 | 3 | 4): void {
  if (channels === 4) {
    to.set(rgba, at);
    return;
  }
  for (let from = 0; from < rgba.length; from += 4, at += channels) {
    for (let c = 0; c < channels; c++) to[at + c] = rgba[from + c]!;
  }
}
