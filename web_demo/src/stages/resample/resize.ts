import type { Pixels, Plane } from "../../plane.ts";
import type { Size } from "../../size.ts";

type Part = readonly [left: number, top: number, right: number, bottom: number];

/** For each pixel of one axis of the result, the first one of the source that counts, and the weights from there on. */
interface Taps {
  readonly first: Int32Array;
  readonly weights: Float64Array[];
}

// Pillow's weights of bytes are whole numbers of this many bits.
const BITS = 22;

/** Resize a plane as Pillow resizes floats, bilinearly. part: of the plane, in its pixels; null for all of it. */
export function resizePlane(plane: Plane, size: Size, part: Part | null = null): Plane {
  const [left, top, right, bottom] = part ?? [0, 0, plane.width, plane.height];
  const across = taps(plane.width, left, right, size.width);
  const between = new Float32Array(size.width * plane.height);
  for (let y = 0; y < plane.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const weights = across.weights[x]!;
      const start = y * plane.width + across.first[x]!;
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += plane.data[start + i]! * weights[i]!;
      between[y * size.width + x] = sum;
    }
  }
  const down = taps(plane.height, top, bottom, size.height);
  const data = new Float32Array(size.width * size.height);
  for (let y = 0; y < size.height; y++) {
    const weights = down.weights[y]!;
    for (let x = 0; x < size.width; x++) {
      const start = down.first[y]! * size.width + x;
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += between[start + i * size.width]! * weights[i]!;
      data[y * size.width + x] = sum;
    }
  }
  return { ...size, data };
}

/** Resize RGBA bytes as Pillow does, bilinearly, with 8 bits after each pass. */
export function resizePixels(pixels: Pixels, size: Size): Pixels {
  const across = size.width === pixels.width ? pixels : resizeAxis(pixels, { width: size.width, height: pixels.height }, true);
  return size.height === across.height ? { ...size, data: across.data.slice() } : resizeAxis(across, size, false);
}

function resizeAxis(pixels: Pixels, size: Size, horizontal: boolean): Pixels {
  const [from, to] = horizontal ? [pixels.width, size.width] : [pixels.height, size.height];
  const { first, weights } = taps(from, 0, from, to);
  const whole = weights.map((some) => Int32Array.from(some, (weight) => Math.trunc(weight * 2 ** BITS + 0.5)));
  const step = horizontal ? 4 : 4 * pixels.width;
  const data = new Uint8Array(size.width * size.height * 4);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const at = horizontal ? x : y;
      const some = whole[at]!;
      const start = horizontal ? (y * pixels.width + first[at]!) * 4 : (first[at]! * pixels.width + x) * 4;
      for (let c = 0; c < 4; c++) {
        let sum = 1 << (BITS - 1);
        for (let i = 0; i < some.length; i++) sum += pixels.data[start + c + i * step]! * some[i]!;
        data[(y * size.width + x) * 4 + c] = sum >> BITS;
      }
    }
  }
  return { ...size, data };
}

/** A triangle filter that widens as the picture shrinks. */
function taps(length: number, start: number, stop: number, count: number): Taps {
  const step = (stop - start) / count;
  const wide = Math.max(step, 1);
  const first = new Int32Array(count);
  const weights: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const centre = start + (i + 0.5) * step;
    const from = Math.max(0, Math.trunc(centre - wide + 0.5));
    const to = Math.min(length, Math.trunc(centre + wide + 0.5));
    const some = Float64Array.from({ length: to - from }, (_, k) => Math.max(0, 1 - Math.abs((k + from - centre + 0.5) / wide)));
    const sum = some.reduce((total, weight) => total + weight, 0);
    first[i] = from;
    weights.push(some.map((weight) => weight / sum));
  }
  return { first, weights };
}
