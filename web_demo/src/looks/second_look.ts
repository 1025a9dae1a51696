import {
  HAZE,
  MOST_ENLARGED,
  SECOND_AROUND,
  SECOND_LEAST,
  SECOND_MARGIN,
  SECOND_MOST_MOVED,
  SECOND_RAMP,
  SECOND_REACH,
  SECOND_STRIP,
} from "../constants.ts";
import { type InputSize, fit, roundHalfToEven } from "../input_size.ts";
import { type Pixels, type Plane, mapped, turned } from "../plane.ts";
import type { Size } from "../size.ts";
import { boxMean } from "../stages/box_filter.ts";
import { resizePlane } from "../stages/resample/resize.ts";
import { enlarged, partResized } from "./boxes.ts";
import { type Box, type Look, type Network, type Photo, mirroredMatteOf } from "./look.ts";
import type { Nearness } from "./quality.ts";

/** A second look before it is run: size of the view, the part that the network sees, and what it decides of each pixel. */
export interface Plan {
  readonly size: Size;
  readonly seen: Box;
  readonly share: Plane;
}

/**
 * Show the network the soft part of a look from nearer: a look at the same box with a larger view.
 *
 * Returns the look itself where nothing is soft, and where the view could be hardly larger.
 */
export async function secondLook(network: Network, photo: Photo, look: Look, nearness: Nearness): Promise<Look> {
  const alpha = settle(look.alpha);
  const planned = plan(alpha, look.box, network.size, nearness);
  if (!planned) return look;
  const { size, seen, share } = planned;
  const view = await photo.view(size, look.box);
  const second = resizePlane(alpha, size);
  const shown = turned(cutPixels(view, seen), look.turn, 4);
  const answer = turned(await answerOf(network, shown, nearness.mirrored), -look.turn);
  for (let y = 0; y < answer.height; y++) {
    const row = answer.data.subarray(y * answer.width, (y + 1) * answer.width);
    second.data.set(row, (seen[1] + y) * second.width + seen[0]);
  }
  return { box: look.box, alpha: blend(alpha, second, share), view, turn: look.turn };
}

/** What a second look at a box shows the network, given the settled matte of the first one; null where it is vain. */
export function plan(alpha: Plane, box: Box, rule: InputSize, nearness: Nearness): Plan | null {
  const share = shareOfSecondLook(alpha, SECOND_REACH);
  const isFixed = rule.sizes.length > 0 || rule.multiple === rule.longest;
  const around = boxAround(share, SECOND_MARGIN);
  if (!around) return null;
  const longest = isFixed ? alpha : { width: rule.longest, height: rule.longest };
  const runs = isFixed ? Infinity : nearness.runs;
  const pixels = isFixed ? Infinity : roundHalfToEven((runs * alpha.data.length) / SECOND_LEAST ** 2);
  const part = softestPart(alpha, around, pixels, {
    width: Math.floor(longest.width / SECOND_LEAST),
    height: Math.floor(longest.height / SECOND_LEAST),
  });
  const scale = Math.min(nearness.scale, largestScale(longest, alpha.data.length, box, part, runs));
  if (scale < SECOND_LEAST) return null;
  const view = isFixed ? largerViewOfFixedSize(alpha, part, scale) : largerView(rule, alpha, box, part, scale);
  return { ...view, share: within(share, part) };
}

/** The look with a small view, whose soft part is decided by one with a larger view of the same box. */
export function withDetail(small: Look, larger: Look): Look {
  const alpha = settle(small.alpha);
  return { ...larger, alpha: blend(alpha, settle(larger.alpha), shareOfSecondLook(alpha, SECOND_REACH)) };
}

function settle(alpha: Plane): Plane {
  const haze = Math.fround(HAZE);
  const width = Math.fround(1 - 2 * haze);
  return mapped(alpha, (a) => Math.min(Math.max(Math.fround(a - haze) / width, 0), 1));
}

async function answerOf(network: Network, view: Pixels, isMirrored: boolean): Promise<Plane> {
  const alpha = await network.alpha(view);
  if (!isMirrored) return alpha;
  const other = await mirroredMatteOf(network, view);
  return mapped(alpha, (a, i) => Math.fround(a + other.data[i]!) / 2);
}

function cutPixels({ width, data }: Pixels, [left, top, right, bottom]: Box): Pixels {
  const size = { width: right - left, height: bottom - top };
  const result = new Uint8Array(size.width * size.height * 4);
  for (let y = 0; y < size.height; y++) {
    const start = ((top + y) * width + left) * 4;
    result.set(data.subarray(start, start + size.width * 4), y * size.width * 4);
  }
  return { ...size, data: result };
}

/** The part of a plane around all pixels above 0, with a margin in pixels; null if there are none. */
function boxAround({ width, height, data }: Plane, margin: number): Box | null {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = y + 1;
    }
  }
  if (right === 0) return null;
  return [
    Math.max(left - margin, 0),
    Math.max(top - margin, 0),
    Math.min(right + margin, width),
    Math.min(bottom + margin, height),
  ];
}

/** Trim a part to so many pixels, and its sides to the longest, where its outer strips are the least soft. */
function softestPart({ width, data }: Plane, part: Box, pixels: number, longest: Size): Box {
  let [left, top, right, bottom] = part;
  const softness = (l: number, t: number, r: number, b: number) => {
    let sum = 0;
    for (let y = t; y < b; y++) {
      for (let x = l; x < r; x++) sum += Math.min(data[y * width + x]!, 1 - data[y * width + x]!);
    }
    return sum / ((r - l) * (b - t));
  };
  for (;;) {
    const [wide, tall] = [right - left > longest.width, bottom - top > longest.height];
    const across = right - left > 2 * SECOND_STRIP && (wide || !tall);
    const down = bottom - top > 2 * SECOND_STRIP && (tall || !wide);
    const isSmallEnough = !(wide || tall) && (right - left) * (bottom - top) <= pixels;
    if (isSmallEnough || !(across || down)) return [left, top, right, bottom];
    const means = [
      across ? softness(left, top, left + SECOND_STRIP, bottom) : Infinity,
      down ? softness(left, top, right, top + SECOND_STRIP) : Infinity,
      across ? softness(right - SECOND_STRIP, top, right, bottom) : Infinity,
      down ? softness(left, bottom - SECOND_STRIP, right, bottom) : Infinity,
    ];
    const least = means.indexOf(Math.min(...means));
    if (least === 0) left += SECOND_STRIP;
    if (least === 1) top += SECOND_STRIP;
    if (least === 2) right -= SECOND_STRIP;
    if (least === 3) bottom -= SECOND_STRIP;
  }
}

/** A share as far as it is in a part: it rises within the part's border, where the network lacks context. */
function within(share: Plane, [left, top, right, bottom]: Box): Plane {
  const axis = (length: number, start: number, stop: number) =>
    Float32Array.from({ length }, (_, i) => {
      const rise = start === 0 ? 1 : (i + 0.5 - start) / (SECOND_MARGIN / 2) - 1;
      const fall = stop === length ? 1 : (stop - i - 0.5) / (SECOND_MARGIN / 2) - 1;
      return Math.min(Math.max(Math.min(rise, fall), 0), 1);
    });
  const [across, down] = [axis(share.width, left, right), axis(share.height, top, bottom)];
  return mapped(share, (value, i) => value * down[Math.floor(i / share.width)]! * across[i % share.width]!);
}

/** How many times as long as those of the first view, of so many pixels, the sides of another one may become. */
function largestScale(longest: Size, pixels: number, box: Box, part: Box, runs: number): number {
  const [width, height] = [part[2] - part[0], part[3] - part[1]];
  return Math.min(
    Math.sqrt((runs * pixels) / (width * height)),
    MOST_ENLARGED * Math.sqrt(((box[2] - box[0]) * (box[3] - box[1])) / pixels),
    longest.width / width,
    longest.height / height,
  );
}

/** Size of a larger view of a box, and the part of it that the network sees, whose sides are multiples as in the rule. */
function largerView(rule: InputSize, first: Size, box: Box, part: Box, scale: number): { size: Size; seen: Box } {
  for (let side = Math.sqrt(first.width * first.height) * scale; ; side -= rule.multiple) {
    const larger = { ...rule, side: roundHalfToEven(side), longest: 2 ** 31 };
    const size = fit(larger, box[2] - box[0], box[3] - box[1]);
    const ends = (start: number, stop: number, length: number, before: number): [number, number] => {
      const ratio = length / before / rule.multiple;
      return [Math.floor(start * ratio) * rule.multiple, Math.min(Math.ceil(stop * ratio) * rule.multiple, length)];
    };
    const [left, right] = ends(part[0], part[2], size.width, first.width);
    const [top, bottom] = ends(part[1], part[3], size.height, first.height);
    if (Math.max(right - left, bottom - top) <= rule.longest) return { size, seen: [left, top, right, bottom] };
  }
}

/** The same for a network of fixed sizes, which sees the part's middle in the size of the first view. */
function largerViewOfFixedSize(first: Size, part: Box, scale: number): { size: Size; seen: Box } {
  const size = { width: roundHalfToEven(first.width * scale), height: roundHalfToEven(first.height * scale) };
  const start = (from: number, to: number, length: number, before: number) => {
    const middle = (((from + to) / 2) * length) / before;
    return Math.min(Math.max(0, roundHalfToEven(middle - before / 2)), length - before);
  };
  const left = start(part[0], part[2], size.width, first.width);
  const top = start(part[1], part[3], size.height, first.height);
  return { size, seen: [left, top, left + first.width, top + first.height] };
}

/**
 * How much a second look decides of each pixel of a settled matte.
 *
 * Above 0 only within `reach` of soft pixels, across and down, and fading out towards the border of these parts.
 */
export function shareOfSecondLook(alpha: Plane, reach: number): Plane {
  const { width, height, data } = alpha;
  const codes = Uint8Array.from(data, (a) => Math.trunc(Math.fround(Math.fround(a * 255) + 0.5)));
  let near = new Uint8Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const isEdge = (i % width > 0 && codes[i] !== codes[i - 1]) || (i >= width && codes[i] !== codes[i - width]);
    near[i] = Number((codes[i]! > 0 && codes[i]! < 255) || isEdge);
  }
  near = dilated(near, width, height, width, 1, reach);
  near = dilated(near, height, width, 1, width, reach);
  return mapped(boxMean({ width, height, data: Float32Array.from(near) }, SECOND_RAMP), (m) => Math.max(0, 2 * m - 1));
}

/** Every pixel within reach of another one, along lines of a length. count: of the lines, whose starts are `next` apart. */
function dilated(mask: Uint8Array, length: number, count: number, next: number, step: number, reach: number) {
  const result = new Uint8Array(mask.length);
  for (let line = 0; line < count; line++) {
    let last = -Infinity;
    for (let i = 0; i < length + reach; i++) {
      if (i < length && mask[line * next + i * step]) last = i;
      if (i - reach >= 0 && i - last <= 2 * reach) result[line * next + (i - reach) * step] = 1;
    }
  }
  return result;
}

/** The second look's matte by its share, without what it moves too far; elsewhere the first one's, which is settled. */
export function blend(first: Plane, second: Plane, share: Plane): Plane {
  const size = { width: second.width, height: second.height };
  const blended = resizePlane(first, size);
  const around = boxAround(share, 1);
  if (!around) return blended;
  const excess = excessOf(first, resizePlane(second, { width: first.width, height: first.height }), share);
  // A pixel more to each side: bilinear enlarging reaches so far.
  const part = enlarged(around, first, size);
  const shape = { width: part[2] - part[0], height: part[3] - part[1] };
  const [tooFar, decides] = [partResized(excess, part, size, shape), partResized(share, part, size, shape)];
  for (let y = 0; y < shape.height; y++) {
    for (let x = 0; x < shape.width; x++) {
      const [here, there] = [(part[1] + y) * size.width + part[0] + x, y * shape.width + x];
      const moved = (second.data[here]! - blended.data[here]! - tooFar.data[there]!) * decides.data[there]!;
      blended.data[here] = Math.min(Math.max(blended.data[here]! + moved, 0), 1);
    }
  }
  return blended;
}

/** By how much the second matte moves the mean around each pixel too far, signed. */
function excessOf(first: Plane, second: Plane, share: Plane): Plane {
  const weight = boxMean(share, SECOND_AROUND);
  const moved = boxMean(mapped(share, (part, i) => part * (second.data[i]! - first.data[i]!)), SECOND_AROUND);
  return mapped(moved, (value, i) => {
    const far = value / Math.max(weight.data[i]!, 1e-3);
    return far - Math.min(Math.max(far, -SECOND_MOST_MOVED), SECOND_MOST_MOVED);
  });
}
