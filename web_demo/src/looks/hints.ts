import { FAINT, LARGE, SOMETHING, SPECK, TILES, WORTH_TILES } from "../constants.ts";
import { roundHalfToEven } from "../input_size.ts";
import type { Size } from "../size.ts";
import { enlarged, largest, overlap, overlapping, widened } from "./boxes.ts";
import { peopleIn } from "./closer.ts";
import { closerLookAtTheSame } from "./confirm.ts";
import { type Box, type Look, type Network, type Photo, lookAt } from "./look.ts";
import { regions } from "./regions.ts";

/** A trace of somebody: how clear it is, and a window around it. */
export interface Hint {
  readonly clearness: number;
  readonly window: Box;
}

/**
 * Looks at people whom the first look at a photo has missed; at most so many hints are looked into.
 *
 * Beside people whom it shows, only its clear traces count. Where it shows nobody, its faint ones come first, then, if they
 * were nobody, those in overlapping tiles.
 */
export async function lookIntoHints(network: Network, photo: Photo, first: Look, most: number): Promise<Look[]> {
  const known = peopleIn(first);
  const found = await lookInto(network, photo, hintsIn(first, photo.size, known), known, most, first.turn);
  const isWorthTiles = photo.size.width * photo.size.height >= WORTH_TILES * first.alpha.data.length;
  if (found.length || known.length || most === 0 || !isWorthTiles) return found;
  const hints: Hint[] = [];
  for (const tile of tilesOf(photo.size)) {
    hints.push(...hintsIn(await lookAt(network, photo, tile, first.turn), photo.size, known));
  }
  return await lookInto(network, photo, hints, known, most, first.turn);
}

/** Looks at the people around the clearest hints, without those who are known. A wider look must have seen the same. */
async function lookInto(
  network: Network,
  photo: Photo,
  hints: Hint[],
  known: Box[],
  most: number,
  turn: number,
): Promise<Look[]> {
  const found: Look[] = [];
  const tried: Box[] = [];
  for (const { window } of [...hints].sort((a, b) => b.clearness - a.clearness)) {
    if (tried.length === most) break;
    if ([...tried, ...found.map(({ box }) => box)].some((earlier) => holdsCentre(earlier, window))) continue;
    tried.push(window);
    for (const person of peopleIn(await lookAt(network, photo, window, turn))) {
      if (known.some((box) => overlap(person, box))) continue;
      const closer = await closerLookAtTheSame(network, photo, person, turn);
      if (closer) found.push(closer);
    }
  }
  return found;
}

/**
 * The traces of people in a look, each with a window around it.
 *
 * With people who are known, traces near one are left out, as are faint ones and specks. The window is as large as the
 * largest person whom a look at the whole photo can miss needs. Larger traces are left out.
 */
export function hintsIn(look: Look, size: Size, known: Box[]): Hint[] {
  const [left, top, right, bottom] = look.box;
  const side = roundHalfToEven(LARGE * Math.sqrt(size.width * size.height));
  const near = known.map((person) => widened(person, size));
  const hints: Hint[] = [];
  for (const { box, pixels } of regions(look.alpha, FAINT)) {
    const clearness = largest(look.alpha, box);
    const [x0, y0, x1, y1] = enlarged(box, look.alpha, { width: right - left, height: bottom - top });
    if (Math.max(x1 - x0, y1 - y0) > side) continue;
    const trace: Box = [left + x0, top + y0, left + x1, top + y1];
    const isUnclear = clearness < SOMETHING || pixels < SPECK || near.some((person) => holdsCentre(person, trace));
    if (known.length && isUnclear) continue;
    const start = (from: number, one: number, other: number, length: number) =>
      Math.min(Math.max(0, from + Math.floor((one + other - side) / 2)), Math.max(0, length - side));
    const [x, y] = [start(left, x0, x1, size.width), start(top, y0, y1, size.height)];
    hints.push({ clearness, window: [x, y, Math.min(size.width, x + side), Math.min(size.height, y + side)] });
  }
  return hints;
}

function holdsCentre(box: Box, of: Box): boolean {
  const [x, y] = [Math.floor((of[0] + of[2]) / 2), Math.floor((of[1] + of[3]) / 2)];
  return box[0] <= x && x < box[2] && box[1] <= y && y < box[3];
}

/** Overlapping tiles of a photo, row by row; more of them along a side that is much longer. */
export function tilesOf({ width, height }: Size): Box[] {
  const longer = Math.max(1, roundHalfToEven(Math.sqrt(Math.max(width, height) / Math.min(width, height))));
  const [across, down] = width > height ? [TILES * longer, TILES] : [TILES, TILES * longer];
  return overlapping(height, down).flatMap(([top, bottom]) =>
    overlapping(width, across).map(([left, right]): Box => [left, top, right, bottom]),
  );
}
