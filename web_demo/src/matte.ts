import type { Effect } from "./effect.ts";
import { PspmError } from "./errors.ts";
import { Encoder } from "./files/encoder.ts";
import type { Gpu } from "./gpu.ts";
import { nextTask } from "./next_task.ts";
import type { MattedPhoto } from "./stages/matted_photo.ts";
import type { Part, PhotoTexture } from "./stages/photo_texture.ts";

// A strip takes a few milliseconds of the page's thread.
const STRIP_PIXELS = 1 << 18;

export interface ResultOptions {
  /** Called with the share of the result that is done, from 0 to 1. */
  onProgress?: (done: number) => void;
  /** Stops the work; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface FileOptions extends ResultOptions {
  /** Ask for a PNG where the default is JPEG. */
  type?: "image/png";
}

/** A photo and its matte. Makes every result at the photo's resolution. `close` it when done. */
export class Matte {
  readonly width: number;
  readonly height: number;
  /** Mean alpha. Below `PERSON_SHARE` there is no person in the photo. */
  readonly personShare: number;
  readonly #gpu: Gpu;
  readonly #bitmap: ImageBitmap;
  readonly #photo: PhotoTexture;
  readonly #matted: MattedPhoto;

  /** @internal */
  constructor(gpu: Gpu, bitmap: ImageBitmap, photo: PhotoTexture, matted: MattedPhoto, personShare: number) {
    this.width = bitmap.width;
    this.height = bitmap.height;
    this.personShare = personShare;
    this.#gpu = gpu;
    this.#bitmap = bitmap;
    this.#photo = photo;
    this.#matted = matted;
  }

  /** Draw an effect on the canvas of the `PortraitMatting`, at the canvas's size. */
  show(effect: Effect): void {
    this.#matted.show(effect, false);
  }

  /** Alpha from 0 to 255, row by row, at the photo's resolution. */
  async alpha(options: ResultOptions = {}): Promise<Uint8Array> {
    const alpha = new Uint8Array(this.width * this.height);
    let at = 0;
    for await (const strip of this.#strips({ kind: "matte" }, 1, options)) {
      alpha.set(strip, at);
      at += strip.length;
    }
    return alpha;
  }

  /**
   * An effect as a file: the matte as a grey PNG, the cut-out as an RGBA PNG with straight alpha and estimated foreground
   * colours, anything else as JPEG, or as PNG if that is asked for or the picture is too large for the browser's JPEGs.
   *
   * The page stays responsive in the meantime: the file is encoded in a worker.
   */
  async file(effect: Effect, options: FileOptions = {}): Promise<Blob> {
    if (effect.kind === "matte") return await this.#encode(effect, "image/png", 1, options);
    if (effect.kind === "cutout") return await this.#encode(effect, "image/png", 4, options);
    if (options.type === "image/png") return await this.#encode(effect, "image/png", 3, options);
    try {
      return await this.#encode(effect, "image/jpeg", 4, options);
    } catch (error) {
      // A canvas has a maximum size; the PNG encoder needs no canvas.
      if (options.signal?.aborted || !(error instanceof PspmError) || error.code !== "engine") throw error;
      return await this.#encode(effect, "image/png", 3, options);
    }
  }

  close(): void {
    this.#bitmap.close();
    this.#matted.close();
    this.#gpu.free(this.#photo.texture);
  }

  async #encode(
    effect: Effect,
    type: "image/png" | "image/jpeg",
    channels: 1 | 3 | 4,
    options: ResultOptions,
  ): Promise<Blob> {
    const encoder = new Encoder();
    try {
      await encoder.begin(type, this.width, this.height, channels);
      for await (const strip of this.#strips(effect, channels, options)) await encoder.add(strip);
      return await encoder.end();
    } finally {
      encoder.close();
    }
  }

  /** The result strip by strip, to bound the memory and the time between two tasks of the browser. */
  async *#strips(
    effect: Effect,
    channels: 1 | 3 | 4,
    { onProgress, signal }: ResultOptions,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const rows = Math.max(1, Math.floor(STRIP_PIXELS / this.width));
    for (let top = 0; top < this.height; top += rows) {
      signal?.throwIfAborted();
      const height = Math.min(rows, this.height - top);
      const strip = new Uint8Array(this.width * height * channels);
      const widest = this.#gpu.largest;
      for (let left = 0; left < this.width; left += widest) {
        const width = Math.min(widest, this.width - left);
        const bytes = await this.#part(effect, [left, top, width, height]);
        for (let row = 0; row < height; row++) {
          const from = bytes.subarray(row * width * 4, (row + 1) * width * 4);
          copyChannels(from, strip, (row * this.width + left) * channels, channels);
        }
      }
      onProgress?.((top + height) / this.height);
      await nextTask();
      yield strip;
    }
    signal?.throwIfAborted();
  }

  async #part(effect: Effect, part: Part): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#photo.texture.width === this.width && this.#photo.texture.height === this.height) {
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

function copyChannels(rgba: Uint8Array, to: Uint8Array, at: number, channels: 1 | 3 | 4): void {
  if (channels === 4) {
    to.set(rgba, at);
    return;
  }
  for (let from = 0; from < rgba.length; from += 4, at += channels) {
    for (let c = 0; c < channels; c++) to[at + c] = rgba[from + c]!;
  }
}
