import type { Effect } from "./effect.ts";
import { encodePng } from "./png.ts";
import type { Part, Stage } from "./stage.ts";

const STRIP_PIXELS = 1 << 20;
const JPEG_QUALITY = 0.92;

/** A photo and its matte, from which every result is made, at the photo's own size. `close` it when done. */
export class Matte {
  readonly width: number;
  readonly height: number;
  /** Mean of the alpha: near 0 where nobody is in the photo. */
  readonly personShare: number;
  readonly #photo: ImageBitmap;
  readonly #stage: Stage;
  readonly #onGpu: boolean;

  /** @internal */
  constructor(photo: ImageBitmap, stage: Stage, onGpu: boolean, personShare: number) {
    this.width = photo.width;
    this.height = photo.height;
    this.personShare = personShare;
    this.#photo = photo;
    this.#stage = stage;
    this.#onGpu = onGpu;
  }

  /** Draw the result on the canvas of the `PortraitMatting`, as large as that is. */
  show(effect: Effect): void {
    this.#stage.show(effect, false);
  }

  /** Alpha from 0 to 255, row by row. */
  async alpha(): Promise<Uint8Array> {
    const alpha = new Uint8Array(this.width * this.height);
    let at = 0;
    for await (const strip of this.#strips({ kind: "matte" }, 1)) {
      alpha.set(strip, at);
      at += strip.length;
    }
    return alpha;
  }

  /** The matte as a grey PNG, the cut-out as one with straight alpha and clean colours; else JPEG. */
  async file(effect: Effect): Promise<Blob> {
    if (effect.kind === "matte") return await this.#png(effect, 1);
    if (effect.kind === "cutout") return await this.#png(effect, 4);
    try {
      return await this.#jpeg(effect);
    } catch {
      // Beyond some size a canvas refuses; a PNG needs none.
      return await this.#png(effect, 3);
    }
  }

  close(): void {
    this.#photo.close();
    this.#stage.close();
  }

  async #png(effect: Effect, channels: 1 | 3 | 4): Promise<Blob> {
    return await encodePng(this.width, this.height, channels, this.#strips(effect, channels));
  }

  async #jpeg(effect: Effect): Promise<Blob> {
    const canvas = new OffscreenCanvas(this.width, this.height);
    const context = canvas.getContext("2d", { alpha: false })!;
    let top = 0;
    for await (const strip of this.#strips(effect, 4)) {
      const height = strip.length / this.width / 4;
      context.putImageData(new ImageData(new Uint8ClampedArray(strip), this.width, height), 0, top);
      top += height;
    }
    return await canvas.convertToBlob({ type: "image/jpeg", quality: JPEG_QUALITY });
  }

  /** The result, strip by strip: never more than a few megapixels of it exist at once. */
  async *#strips(effect: Effect, channels: 1 | 3 | 4): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const rows = Math.max(1, Math.floor(STRIP_PIXELS / this.width));
    for (let top = 0; top < this.height; top += rows) {
      const height = Math.min(rows, this.height - top);
      const strip = new Uint8Array(this.width * height * channels);
      const widest = this.#stage.gpu.largest;
      for (let left = 0; left < this.width; left += widest) {
        const width = Math.min(widest, this.width - left);
        const bytes = await this.#part(effect, [left, top, width, height]);
        for (let row = 0; row < height; row++) {
          for (let x = 0; x < width; x++) {
            const from = (row * width + x) * 4;
            const to = (row * this.width + left + x) * channels;
            for (let c = 0; c < channels; c++) strip[to + c] = bytes[from + c]!;
          }
        }
      }
      yield strip;
    }
  }

  async #part(effect: Effect, part: Part): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#onGpu) return this.#stage.result(effect, part, null);
    const piece = await createImageBitmap(this.#photo, ...part, { premultiplyAlpha: "none" });
    try {
      return this.#stage.result(effect, part, piece);
    } finally {
      piece.close();
    }
  }
}
