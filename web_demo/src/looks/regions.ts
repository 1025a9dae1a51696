import { REGION_CELL } from "../constants.ts";
import type { Plane } from "../plane.ts";
import type { Box } from "./look.ts";

/** A region that grows; one that was joined with another points to it. */
interface Region {
  left: number;
  top: number;
  right: number;
  bottom: number;
  pixels: number;
  joined: Region | null;
}

/**
 * The connected regions of the pixels above a limit: the box of each and its number of pixels, in reading order.
 *
 * Cells of REGION_CELL x REGION_CELL pixels that hold such a pixel are connected with the eight cells around them.
 */
export function regions({ width, height, data }: Plane, above: number): { box: Box; pixels: number }[] {
  const columns = Math.ceil(width / REGION_CELL);
  const rows = Math.ceil(height / REGION_CELL);
  // Numbers with 32 bits are compared with the limit as such.
  const limit = Math.fround(above);
  const counts = new Int32Array(columns * rows);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / REGION_CELL) * columns;
    for (let x = 0; x < width; x++) if (data[y * width + x]! > limit) counts[row + Math.floor(x / REGION_CELL)]!++;
  }
  const found: Region[] = [];
  let runsAbove: { start: number; stop: number; region: Region }[] = [];
  for (let y = 0; y < rows; y++) {
    const row: typeof runsAbove = [];
    for (const [start, stop] of runs(counts, y * columns, columns)) {
      const pixels = counts.subarray(y * columns + start, y * columns + stop).reduce((sum, count) => sum + count, 0);
      let region: Region = { left: start, top: y, right: stop, bottom: y + 1, pixels, joined: null };
      found.push(region);
      for (const other of runsAbove) if (other.start <= stop && other.stop >= start) region = join(region, root(other.region));
      row.push({ start, stop, region });
    }
    runsAbove = row;
  }
  const roots = found.filter((region) => !region.joined).sort((a, b) => a.top - b.top || a.left - b.left);
  return roots.map(({ left, top, right, bottom, pixels }) => ({
    box: [left * REGION_CELL, top * REGION_CELL, Math.min(right * REGION_CELL, width), Math.min(bottom * REGION_CELL, height)],
    pixels,
  }));
}

function root(region: Region): Region {
  let found = region;
  while (found.joined) found = found.joined;
  return found;
}

/** The region that both become part of. */
function join(region: Region, other: Region): Region {
  if (other === region) return region;
  other.left = Math.min(region.left, other.left);
  other.top = Math.min(region.top, other.top);
  other.right = Math.max(region.right, other.right);
  other.bottom = Math.max(region.bottom, other.bottom);
  other.pixels += region.pixels;
  region.joined = other;
  return other;
}

/** Start and stop of each run of counts above zero. */
function* runs(counts: Int32Array, from: number, length: number): Generator<[start: number, stop: number]> {
  for (let x = 0; x < length; x++) {
    if (!counts[from + x]) continue;
    const start = x;
    while (x < length && counts[from + x]) x++;
    yield [start, x];
  }
}
