import { GAIN, LONGEST_PART, PART_OVERLAP, PERSON_MARGIN, SOMETHING, SPECK, SURE } from "../constants.ts";
import { type InputSize, roundHalfToEven } from "../input_size.ts";
import type { Plane } from "../plane.ts";
import type { Size } from "../size.ts";
import { resizePlane } from "../stages/resample/resize.ts";
import { type Box, viewSize, whole } from "./look.ts";
import { regions } from "./regions.ts";

/**
 * The boxes of a photo where a closer look at people pays; at most so many, the largest win first.
 *
 * alpha: matte of the whole photo. Boxes that overlap become one, but for small ones whose common box would be large.
 * What is long and low, such as a row of people, is cut into parts.
 */
export function boxesOfPeople(alpha: Plane, size: Size, rule: InputSize, most: number, turn = 0): Box[] {
  const found = surePeople(alpha).map((box) => widened(enlarged(box, alpha, size), size));
  const parts = joined(found, size, rule, turn)
    .flatMap(pieces)
    .filter((piece) => gain(piece, whole(size), rule, turn) >= GAIN);
  const wins = new Map(parts.map((box) => [box, win(alpha, box, size, rule, turn)]));
  return parts.sort((a, b) => wins.get(b)! - wins.get(a)!).slice(0, most);
}

/** The boxes of the regions of a matte that are somebody for sure. */
export function surePeople(alpha: Plane): Box[] {
  return regions(alpha, SOMETHING)
    .filter(({ box, pixels }) => pixels >= SPECK && largest(alpha, box) > SURE)
    .map(({ box }) => box);
}

/** The largest value of a plane within a box. */
export function largest({ width, data }: Plane, [left, top, right, bottom]: Box): number {
  let most = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) most = Math.max(most, data[y * width + x]!);
  return most;
}

/** Number of pixels of a box. */
export function area([left, top, right, bottom]: Box): number {
  return (right - left) * (bottom - top);
}

/** The box around two boxes. */
export function union(one: Box, other: Box): Box {
  return [Math.min(one[0], other[0]), Math.min(one[1], other[1]), Math.max(one[2], other[2]), Math.max(one[3], other[3])];
}

/** Whether two boxes have pixels in common. */
export function overlap(one: Box, other: Box): boolean {
  return one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
}

/** The area that two boxes have in common, as a share of the area that they cover. */
export function shared(one: Box, other: Box): number {
  const width = Math.max(0, Math.min(one[2], other[2]) - Math.max(one[0], other[0]));
  const height = Math.max(0, Math.min(one[3], other[3]) - Math.max(one[1], other[1]));
  return (width * height) / (area(one) + area(other) - width * height);
}

/** A box of a matte, in pixels of what it is a matte of. */
export function enlarged(box: Box, matte: Size, size: Size): Box {
  return [
    Math.floor((box[0] * size.width) / matte.width),
    Math.floor((box[1] * size.height) / matte.height),
    Math.ceil((box[2] * size.width) / matte.width),
    Math.ceil((box[3] * size.height) / matte.height),
  ];
}

/** The part of a plane within a box of what it is a plane of, resized bilinearly. */
export function partResized(plane: Plane, box: Box, size: Size, shape: Size): Plane {
  const [across, down] = [plane.width / size.width, plane.height / size.height];
  const right = Math.min(box[2] * across, plane.width);
  const bottom = Math.min(box[3] * down, plane.height);
  return resizePlane(plane, { width: shape.width, height: shape.height }, [box[0] * across, box[1] * down, right, bottom]);
}

/** A box with PERSON_MARGIN around it, as far as the photo goes. */
export function widened([left, top, right, bottom]: Box, size: Size): Box {
  const space = roundHalfToEven(PERSON_MARGIN * Math.max(right - left, bottom - top));
  return [
    Math.max(0, left - space),
    Math.max(0, top - space),
    Math.min(size.width, right + space),
    Math.min(size.height, bottom + space),
  ];
}

/** How many times larger a look at a box shows things than a look at the photo. */
export function gain(box: Box, photo: Box, rule: InputSize, turn = 0): number {
  const [near, far] = [viewSize(rule, box, turn), viewSize(rule, photo, turn)];
  return Math.sqrt((near.width * near.height) / area(box) / ((far.width * far.height) / area(photo)));
}

function joined(found: Box[], size: Size, rule: InputSize, turn: number): Box[] {
  const boxes = [...found];
  const gainOf = (box: Box) => gain(box, whole(size), rule, turn);
  const joinOne = () => {
    for (let i = 0; i < boxes.length; i++) {
      for (let j = i + 1; j < boxes.length; j++) {
        const [one, other] = [boxes[i]!, boxes[j]!];
        const both = union(one, other);
        const isLarge = Math.min(gainOf(one), gainOf(other)) < GAIN;
        if (!overlap(one, other) || !(isLarge || gainOf(both) >= GAIN)) continue;
        boxes[i] = both;
        boxes.splice(j, 1);
        return true;
      }
    }
    return false;
  };
  while (joinOne());
  return boxes;
}

/** A box, or the overlapping parts of one that is too long. */
function pieces(box: Box): Box[] {
  const [left, top, right, bottom] = box;
  const [width, height] = [right - left, bottom - top];
  if (Math.max(width, height) <= LONGEST_PART * Math.min(width, height)) return [box];
  if (width > height) return spans(width, height).map(([start, stop]) => [left + start, top, left + stop, bottom]);
  return spans(height, width).map(([start, stop]) => [left, top + start, right, top + stop]);
}

function spans(long: number, short: number): [start: number, stop: number][] {
  return overlapping(long, Math.ceil((long / short / LONGEST_PART - PART_OVERLAP) / (1 - PART_OVERLAP)));
}

/** Start and stop of so many equal parts of a length, each of which overlaps the next one by PART_OVERLAP. */
export function overlapping(length: number, count: number): [start: number, stop: number][] {
  const part = length / (count - (count - 1) * PART_OVERLAP);
  const step = part * (1 - PART_OVERLAP);
  return Array.from({ length: count }, (_, i) => [
    roundHalfToEven(i * step),
    Math.min(length, roundHalfToEven(i * step + part)),
  ]);
}

/** What a look at a box wins: pixels of people in it, times the share of a closer view that the first one lacks. */
function win(alpha: Plane, box: Box, size: Size, rule: InputSize, turn: number): number {
  const [left, top, right, bottom] = enlarged(box, size, alpha);
  let people = 0;
  const limit = Math.fround(SOMETHING);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) people += Number(alpha.data[y * alpha.width + x]! > limit);
  }
  return people * (1 - gain(box, whole(size), rule, turn) ** -2);
}
