import { QUALITY } from "./constants.ts";
import type { Effect } from "./effect.ts";
import { encodePng } from "./files/png.ts";
import type { Gpu } from "./gpu.ts";
import type { MattedPhoto } from "./stages/matted_photo.ts";
import type { Part, PhotoTexture } from "./stages/photo_texture.ts";

const STRIP_PIXELS = 1 << 20;

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
  async alpha(): Promise<Uint8Array> {
    const alpha = new Uint8Array(this.width * this.height);
    let at = 0;
    for await (const strip of this.#strips({ kind: "matte" }, 1)) {
      alpha.set(strip, at);
      at += strip.length;
    }
    return alpha;
  }

  /**
   * An effect as a file: the matte as a grey PNG, the cut-out as an RGBA PNG with straight alpha and estimated foreground
   * colours, anything else as JPEG.
   */
  async file(effect: Effect): Promise<Blob> {
    if (effect.kind === "matte") return await this.#png(effect, 1);
    if (effect.kind === "cutout") return await this.#png(effect, 4);
    try {
      return await this.#jpeg(effect);
    } catch {
      // A canvas has a maximum size; the PNG encoder needs no canvas.
      return await this.#png(effect, 3);
    }
  }

  close(): void {
    this.#bitmap.close();
    this.#matted.close();
    this.#gpu.free(this.#photo.texture);
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
    return await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY / 100 });
  }

  /** The result strip by strip, to bound the memory. */
  async *#strips(effect: Effect, channels: 1 | 3 | 4): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const rows = Math.max(1, Math.floor(STRIP_PIXELS / this.width));
    for (let top = 0; top < this.height; top += rows) {
      const height = Math.min(rows, this.height - top);
      const strip = new Uint8Array(this.width * height * channels);
      const widest = this.#gpu.largest;
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
    if (this.#photo.texture.width === this.width && this.#photo.texture.height === this.height) {
      return this.#matted.read(effect, part, null);
    }
    const piece = await createImageBitmap(this.#bitmap, ...part, { premultiplyAlpha: "none" });
    try {
      return this.#matted.read(effect, part, piece);
    } finally {
      piece.close();
    }
  }
}
