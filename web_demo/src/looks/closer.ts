import {
  CLOSER_RUNS,
  GAIN,
  LARGE,
  NEAR_PEOPLE,
  OUTSIDE,
  SOMEBODY_FILLED,
  SOMEBODY_SOFT,
  SOMETHING,
  TRUSTED,
} from "../constants.ts";
import type { InputSize } from "../input_size.ts";
import { type Plane, mapped, mean } from "../plane.ts";
import type { Size } from "../size.ts";
import { boxMean } from "../stages/box_filter.ts";
import { area, enlarged, gain, partResized, surePeople, union, widened } from "./boxes.ts";
import { type Box, type Look, type Network, type Photo, lookAt, whole } from "./look.ts";

/**
 * Look at a box, and again at a better one if the people in it reach to its edge or leave most of it empty.
 *
 * first: the matte of the whole photo, if the people were found there. Of people who are large enough for it, it knows best
 * where nobody is.
 */
export async function lookCloser(
  network: Network,
  photo: Photo,
  box: Box,
  turn: number,
  first: Plane | null = null,
): Promise<Look> {
  let look = await lookAtPeople(network, photo, box, turn, first);
  for (let run = 1; run < CLOSER_RUNS; run++) {
    const better = betterBox(look, photo.size, network.size);
    if (!better) return look;
    look = await lookAtPeople(network, photo, better, turn, first);
  }
  return look;
}

async function lookAtPeople(network: Network, photo: Photo, box: Box, turn: number, first: Plane | null): Promise<Look> {
  const look = await lookAt(network, photo, box, turn);
  const near = first && nearPeople(first, box, photo.size, network.size, look.alpha);
  return near ? { ...look, alpha: mapped(look.alpha, (a, i) => Math.min(a, near.data[i]!)) } : look;
}

/** The box that fits the people in a look better than its own; null where another look is vain. */
export function betterBox(look: Look, size: Size, rule: InputSize): Box | null {
  const people = boxOfPeople(look);
  if (!people) return null;
  const better = widened(people, size);
  return fits(better, look.box) || gain(better, whole(size), rule, look.turn) < GAIN ? null : better;
}

/**
 * 1 near the people of a first look's matte, 0 far from them, at the shape of a look at a box.
 *
 * null where people are too small for the first look to know.
 */
export function nearPeople(first: Plane, box: Box, size: Size, rule: InputSize, shape: Size): Plane | null {
  const known = (area(box) / (size.width * size.height)) * first.data.length;
  if (known < (TRUSTED * rule.side) ** 2) return null;
  const limit = Math.fround(SOMETHING);
  const somebody = mapped(first, (a) => Number(a > limit));
  // A window of that many pixels that holds one of somebody has a larger mean.
  const least = 0.5 / (2 * NEAR_PEOPLE + 1) ** 2;
  const near = mapped(boxMean(somebody, NEAR_PEOPLE), (share) => Number(share > least));
  return partResized(near, box, size, shape);
}

/** The boxes of the sure people in a look, in pixels of the photo. */
export function peopleIn({ box, alpha }: Look): Box[] {
  const [left, top, right, bottom] = box;
  return surePeople(alpha).map((person) => {
    const [l, t, r, b] = enlarged(person, alpha, { width: right - left, height: bottom - top });
    return [left + l, top + t, left + r, top + b];
  });
}

/** The box around all people in a look, in pixels of the photo; null if there are none. */
export function boxOfPeople(look: Look): Box | null {
  const found = peopleIn(look);
  return found.length ? found.reduce(union) : null;
}

/** Whether a look at a trace of somebody shows a person: a sure matte of a plausible size. */
export function isSomebody(look: Look, size: Size): boolean {
  const people = boxOfPeople(look);
  if (!people) return false;
  const share = mean(look.alpha);
  const soft = mean(mapped(look.alpha, (a) => Math.min(a, 1 - a))) / Math.max(share, 1e-6);
  return share >= SOMEBODY_FILLED && soft <= SOMEBODY_SOFT && isSmall(people, size);
}

/** Whether somebody with this box is so small that the first look at a photo can miss them. */
export function isSmall([left, top, right, bottom]: Box, size: Size): boolean {
  return Math.max(right - left, bottom - top) <= LARGE * Math.sqrt(size.width * size.height);
}

/** Whether a box shows what a better one would: it reaches as far, and is not much larger. */
function fits(better: Box, box: Box): boolean {
  const allowed = OUTSIDE * Math.max(better[2] - better[0], better[3] - better[1]);
  const inside =
    better[0] >= box[0] - allowed &&
    better[1] >= box[1] - allowed &&
    better[2] <= box[2] + allowed &&
    better[3] <= box[3] + allowed;
  return inside && area(box) <= GAIN ** 2 * area(better);
}
