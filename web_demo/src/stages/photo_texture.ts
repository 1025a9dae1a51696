import type { Texture } from "../gpu.ts";
import type { Size } from "../size.ts";

/** A rectangle of the photo, in pixels of the photo. */
export type Part = readonly [left: number, top: number, width: number, height: number];

/** A photo on the GPU. The texture may be smaller than the photo, whose own size is `size`. */
export interface PhotoTexture {
  readonly texture: Texture;
  readonly size: Size;
}
