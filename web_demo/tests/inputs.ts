/** Runs in the browser: the arrays of test vectors as pictures. */

import type { Gpu, Texture } from "../src/gpu.ts";
import type { Size } from "../src/size.ts";

export interface Numbers {
  data: ArrayLike<number>;
  shape: number[];
}

export type Inputs = Record<string, Numbers>;

export function sizeOf({ shape }: Numbers): Size {
  return { width: shape[1]!, height: shape[0]! };
}

export function rgba({ data }: Numbers, transparency?: Numbers): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((data.length / 3) * 4);
  return bytes.map((_, i) => (i % 4 === 3 ? (transparency?.data[i >> 2] ?? 255) : data[(i >> 2) * 3 + (i % 4)]!));
}

/** Every fourth byte, from the first. */
export function red(bytes: Uint8Array): Uint8Array {
  return bytes.filter((_, i) => i % 4 === 0);
}

export function imageData(image: Numbers, transparency?: Numbers): ImageData {
  const { width, height } = sizeOf(image);
  return new ImageData(new Uint8ClampedArray(rgba(image, transparency)), width, height);
}

export function textureOf(gpu: Gpu, image: Numbers, transparency?: Numbers): Texture {
  const { width, height } = sizeOf(image);
  return gpu.picture(imageData(image, transparency), width, height, true);
}
