import type { Plane } from "../plane.ts";

/** Mean over windows of (2 radius + 1)^2 pixels, fewer at the borders. */
export function boxMean({ width, height, data }: Plane, radius: number): Plane {
  const across = new Float64Array(data.length);
  for (let y = 0; y < height; y++) sums(data, across, y * width, 1, width, radius);
  const all = new Float64Array(data.length);
  for (let x = 0; x < width; x++) sums(across, all, x, width, height, radius);
  const result = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) result[y * width + x] = all[y * width + x]! / (count(y, height, radius) * count(x, width, radius));
  }
  return { width, height, data: result };
}

/** Sums over windows along one row or column, which begins at `start`. */
function sums(from: ArrayLike<number>, to: Float64Array, start: number, step: number, length: number, radius: number): void {
  let sum = 0;
  for (let i = 0; i < Math.min(radius, length); i++) sum += from[start + i * step]!;
  for (let i = 0; i < length; i++) {
    if (i + radius < length) sum += from[start + (i + radius) * step]!;
    if (i - radius > 0) sum -= from[start + (i - radius - 1) * step]!;
    to[start + i * step] = sum;
  }
}

function count(place: number, length: number, radius: number): number {
  return Math.min(place + radius + 1, length) - Math.max(place - radius, 0);
}
