import { FOREGROUND_SIDE, LIVE_FOREGROUND_SIDE, LIVE_WORKING_RADIUS, WORKING_RADIUS } from "../constants.ts";
import type { Effect } from "../effect.ts";
import type { Gpu, Picture, Texture } from "../gpu.ts";
import { blurBackground } from "./bokeh/bokeh.ts";
import type { BackgroundTexture } from "./compose/background_texture.ts";
import { parseColour } from "./compose/colour.ts";
import { type Composition, type Source, type Target, compose, coverBox, drawPhoto } from "./compose/compose.ts";
import { type Colours, estimateForeground } from "./foreground/foreground.ts";
import type { Part, PhotoTexture } from "./photo_texture.ts";
import { type Refined, freeRefined } from "./refine/refine.ts";

/** Resolution of the two expensive stages. */
export interface Detail {
  /** Longer side of the foreground estimate, in pixels. */
  smallSide: number;
  /** Largest disc radius of the blur, in pixels. */
  workingRadius: number;
}

export const PHOTO_DETAIL: Detail = { smallSide: FOREGROUND_SIDE, workingRadius: WORKING_RADIUS };
export const LIVE_DETAIL: Detail = { smallSide: LIVE_FOREGROUND_SIDE, workingRadius: LIVE_WORKING_RADIUS };

/**
 * A photo and its matte on the GPU; draws every effect. Colours and blur are computed at their first use and kept.
 *
 * photo must live until `close`; refined is freed there.
 */
export class MattedPhoto {
  readonly #gpu: Gpu;
  readonly #photo: PhotoTexture;
  readonly #background: BackgroundTexture;
  readonly #detail: Detail;
  readonly #refined: Refined;
  #colours: Colours | null = null;
  #blurred: { strength: number; texture: Texture | null } | null = null;

  constructor(
    gpu: Gpu,
    photo: PhotoTexture,
    refined: Refined,
    background: BackgroundTexture,
    detail: Detail,
  ) {
    this.#gpu = gpu;
    this.#photo = photo;
    this.#background = background;
    this.#detail = detail;
    this.#refined = refined;
  }

  /** Draw on the canvas, at the canvas's size. */
  show(effect: Effect, mirror: boolean): void {
    const { width, height } = this.#gpu.canvas;
    this.#draw(effect, this.#whole, { part: this.#whole.part, size: { width, height }, texture: null, mirror });
  }

  /**
   * RGBA bytes of a part of the result at the photo's resolution, straight alpha.
   *
   * source: this part of the photo, if the texture is smaller than the photo; else null.
   */
  async read(effect: Effect, part: Part, source: Picture | null): Promise<Uint8Array<ArrayBuffer>> {
    const gpu = this.#gpu;
    const size = { width: part[2], height: part[3] };
    const piece = source ? { texture: gpu.picture(source, size.width, size.height, false), part } : this.#whole;
    const texture = gpu.target(size.width, size.height, "bytes");
    try {
      this.#draw(effect, piece, { part, size, texture, mirror: false });
      return await gpu.readLater(texture);
    } finally {
      gpu.free(texture, source ? piece.texture : null);
    }
  }

  /** Free all textures except photo and background. */
  close(): void {
    freeRefined(this.#gpu, this.#refined);
    this.#gpu.free(this.#colours?.foreground, this.#colours?.background, this.#blurred?.texture);
  }

  get #whole(): Source {
    const { texture, size } = this.#photo;
    return { texture, part: [0, 0, size.width, size.height] };
  }

  #draw(effect: Effect, source: Source, target: Target): void {
    const composition = this.#compositionOf(effect);
    if (composition === null) return drawPhoto(this.#gpu, source, target);
    const { smallSide } = this.#detail;
    this.#colours ??= estimateForeground(this.#gpu, this.#photo, this.#refined, smallSide);
    compose(this.#gpu, source, target, this.#refined, this.#colours, composition);
  }

  /** What to draw for an effect; null for the photo as it is. */
  #compositionOf(effect: Effect): Composition | null {
    switch (effect.kind) {
      case "photo":
        return null;
      case "matte":
      case "cutout":
        return { kind: effect.kind };
      case "colour":
        return { kind: "colour", colour: parseColour(effect.colour) };
      case "picture": {
        const picture = this.#background.of(effect.picture);
        return { kind: "picture", picture, part: coverBox(picture, this.#photo.size) };
      }
      case "blur": {
        const picture = this.#blur(effect.strength);
        return picture && { kind: "picture", picture, part: [0, 0, 1, 1] };
      }
    }
  }

  #blur(strength: number): Texture | null {
    if (this.#blurred?.strength === strength) return this.#blurred.texture;
    const { workingRadius } = this.#detail;
    const texture = blurBackground(this.#gpu, this.#photo, this.#refined, strength, workingRadius);
    this.#gpu.free(this.#blurred?.texture);
    this.#blurred = { strength, texture };
    return texture;
  }
}
