import type { BackgroundPicture } from "../../effect.ts";
import type { Gpu, Texture } from "../../gpu.ts";

/** The texture of the current background picture. It is uploaded when the picture changes and lives as long as the Gpu. */
export class BackgroundTexture {
  readonly #gpu: Gpu;
  #current: { picture: BackgroundPicture; texture: Texture } | null = null;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  of(picture: BackgroundPicture): Texture {
    if (this.#current?.picture === picture) return this.#current.texture;
    this.#gpu.free(this.#current?.texture);
    const texture = this.#gpu.picture(picture, picture.width, picture.height, true);
    this.#current = { picture, texture };
    return texture;
  }
}
