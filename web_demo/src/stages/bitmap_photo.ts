import type { Gpu, Texture } from "../gpu.ts";
import type { Box, Photo } from "../looks/look.ts";
import type { Pixels } from "../plane.ts";
import type { Size } from "../size.ts";
import { networkView } from "./network_view.ts";

/**
 * A photo as the looks see it: a bitmap, and a texture of it that may be smaller.
 *
 * Where the texture is smaller, parts come from the bitmap.
 */
export class BitmapPhoto implements Photo {
  readonly size: Size;
  readonly #gpu: Gpu;
  readonly #bitmap: ImageBitmap;
  readonly #texture: Texture;

  constructor(gpu: Gpu, bitmap: ImageBitmap, texture: Texture) {
    this.size = { width: bitmap.width, height: bitmap.height };
    this.#gpu = gpu;
    this.#bitmap = bitmap;
    this.#texture = texture;
  }

  async view(size: Size, box: Box): Promise<Pixels> {
    const scale = this.#texture.width / this.size.width;
    const piece = scale < 1 ? await this.#piece(size, box) : null;
    const texture = piece?.texture ?? this.#texture;
    const [left, top, right, bottom] = piece?.region ?? box.map((edge) => edge * scale);
    const view = networkView(this.#gpu, texture, size, [left!, top!, right!, bottom!]);
    try {
      return { ...size, data: await this.#gpu.readLater(view) };
    } finally {
      this.#gpu.free(view, piece?.texture);
    }
  }

  /** The part of the bitmap that the filter sees of a box, and where the box is in it; null where that is too large. */
  async #piece(size: Size, [left, top, right, bottom]: Box): Promise<{ texture: Texture; region: Box } | null> {
    const across = Math.ceil((right - left) / size.width) + 1;
    const down = Math.ceil((bottom - top) / size.height) + 1;
    const [from, above] = [Math.max(0, left - across), Math.max(0, top - down)];
    const width = Math.min(this.size.width, right + across) - from;
    const height = Math.min(this.size.height, bottom + down) - above;
    if (Math.max(width, height) > Math.max(this.#texture.width, this.#texture.height)) return null;
    const bitmap = await createImageBitmap(this.#bitmap, from, above, width, height, { premultiplyAlpha: "none" });
    try {
      const texture = this.#gpu.picture(bitmap, width, height, false);
      return { texture, region: [left - from, top - above, right - from, bottom - above] };
    } finally {
      bitmap.close();
    }
  }
}
