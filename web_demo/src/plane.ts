import type { Size } from "./size.ts";

/** One number per pixel, row by row. */
export interface Plane extends Size {
  readonly data: Float32Array<ArrayBuffer>;
}

/** RGBA bytes, row by row. */
export interface Pixels extends Size {
  readonly data: Uint8Array<ArrayBuffer>;
}

/** A plane with a value made of each pixel's. */
export function mapped(plane: Plane, of: (value: number, place: number) => number): Plane {
  const data = new Float32Array(plane.data.length);
  for (let i = 0; i < data.length; i++) data[i] = of(plane.data[i]!, i);
  return { width: plane.width, height: plane.height, data };
}

/** Mean of all values. */
export function mean({ data }: Plane): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]!;
  return sum / data.length;
}

/** Turn a picture by quarter turns, counter-clockwise. channels: values per pixel. */
export function turned<Data extends Float32Array | Uint8Array>(
  { width, height, data }: Size & { data: Data },
  turn: number,
  channels = 1,
): Size & { data: Data } {
  const turns = ((turn % 4) + 4) % 4;
  if (turns === 0) return { width, height, data };
  const [wide, high] = turns === 2 ? [width, height] : [height, width];
  const result = new (data.constructor as new (n: number) => Data)(data.length);
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      const from =
        turns === 1
          ? x * width + (width - 1 - y)
          : turns === 2
            ? (height - 1 - y) * width + (width - 1 - x)
            : (height - 1 - x) * width + y;
      for (let c = 0; c < channels; c++) result[(y * wide + x) * channels + c] = data[from * channels + c]!;
    }
  }
  return { width: wide, height: high, data: result };
}

/** A picture mirrored left and right. channels: values per pixel. */
export function mirrored<Data extends Float32Array | Uint8Array>(
  { width, height, data }: Size & { data: Data },
  channels = 1,
): Size & { data: Data } {
  const result = new (data.constructor as new (n: number) => Data)(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + (width - 1 - x)) * channels;
      for (let c = 0; c < channels; c++) result[(y * width + x) * channels + c] = data[from + c]!;
    }
  }
  return { width, height, data: result };
}
