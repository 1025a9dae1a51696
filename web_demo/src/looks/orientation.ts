import {
  CLEAR,
  CUT_OFF,
  EDGE_WEIGHT,
  LARGEST_DOUBT,
  PERSON_SHARE,
  TURN_MARGIN,
  UPRIGHT_AGREEMENT,
  UPRIGHT_FULL_AGREEMENT,
  UPRIGHT_LEAD,
  UPRIGHT_SOFT,
  UPRIGHT_SOFT_WHOLE,
  USUAL,
} from "../constants.ts";
import { type Plane, mean, turned } from "../plane.ts";
import { area } from "./boxes.ts";
import { isSmall, peopleIn } from "./closer.ts";
import { closerLookAtTheSame } from "./confirm.ts";
import { type Look, type Network, type Photo, agreement, lookAt, smallerLook, softness, whole } from "./look.ts";

/** A matte and how it was turned. */
type Seen = Pick<Look, "alpha" | "turn">;

/**
 * The given look at a whole photo, or one at the photo turned so that its people are upright.
 *
 * small: the same with a small view. Where people are plainly upright, nothing more is run.
 */
export async function upright(network: Network, photo: Photo, look: Look, small: Look): Promise<Look> {
  const agreed = agreement(look.alpha, small.alpha);
  const presence = Math.max(mean(look.alpha), mean(small.alpha));
  if (isCertain(isPlain(look), agreed, doubt(small), softness(look.alpha), presence)) return look;
  const doubts = [doubt(small)];
  for (const turn of [1, 2, 3]) doubts.push(doubt(await smallerLook(network, photo, look, turn)));
  const best = turnOfLeastDoubt(doubts);
  if (best === 0 || (await showsSmallPerson(network, photo, look))) return look;
  const other = await lookAt(network, photo, whole(photo.size), best);
  // A look whose small view shows other people can be hard and absurd, all person for example.
  const isCredible = agreed >= UPRIGHT_AGREEMENT;
  return (isCredible ? doubt(other) : doubts[best]!) < doubt(look) ? other : look;
}

/**
 * Whether a photo stays as it is, without a look at it turned.
 *
 * plain: `isPlain` of the first look. agreed: of it and the small view. smallDoubt: of the small view. soft: of the first
 * look. presence: mean of the matte that has more of somebody.
 */
export function isCertain(plain: boolean, agreed: number, smallDoubt: number, soft: number, presence: number): boolean {
  if (plain && agreed >= UPRIGHT_AGREEMENT && smallDoubt <= CLEAR) return true;
  // Whoever is seen so surely needs no turn, whatever the edges say: those of a photo with a border say nothing.
  // Whoever is large leaves a trace at any turn. Turned, a picture of nobody can come to look like somebody.
  return (soft <= UPRIGHT_SOFT && agreed >= UPRIGHT_FULL_AGREEMENT) || presence < PERSON_SHARE;
}

/** The turn, 1 to 3, that leaves clearly the least doubt of the four; 0 if none does. */
export function turnOfLeastDoubt(doubts: readonly number[]): number {
  const best = doubts.indexOf(Math.min(...doubts));
  return doubts[best]! <= Math.min(doubts[0]! - TURN_MARGIN, LARGEST_DOUBT) ? best : 0;
}

/** Whether the largest person in a look is small, and a closer look confirms them. */
async function showsSmallPerson(network: Network, photo: Photo, look: Look): Promise<boolean> {
  const people = peopleIn(look);
  if (!people.length) return false;
  const largest = people.reduce((best, box) => (area(box) > area(best) ? box : best));
  return isSmall(largest, photo.size) && (await closerLookAtTheSame(network, photo, largest)) !== null;
}

/** Whether a matte is hard, and whoever is not whole in it is cut off by the lower edge most of all. */
export function isPlain(look: Seen): boolean {
  const share = mean(look.alpha);
  const [lower, ...others] = edges(look);
  // The smaller a person is, the more of the matte is its edge.
  const soft = softness(look.alpha) * Math.min(1, Math.sqrt(share / USUAL));
  if (Math.max(lower, ...others) < CUT_OFF) return share >= PERSON_SHARE && soft <= UPRIGHT_SOFT_WHOLE;
  return lower - Math.max(...others) >= UPRIGHT_LEAD && soft <= UPRIGHT_SOFT;
}

/** How doubtful it is that the people in a look are upright: 0 for a hard matte. */
export function doubt(look: Seen): number {
  const [lower, ...others] = edges(look);
  return softness(look.alpha) + EDGE_WEIGHT * (Math.max(...others) - lower);
}

/** Means of a matte, as the network saw it, along its lower, upper, left and right edge, two pixels wide. */
function edges(look: Seen): [lower: number, upper: number, left: number, right: number] {
  const alpha: Plane = turned(look.alpha, look.turn);
  const { width, height, data } = alpha;
  const part = (left: number, top: number, right: number, bottom: number) => {
    let sum = 0;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += data[y * width + x]!;
    return sum / ((right - left) * (bottom - top));
  };
  return [part(0, height - 2, width, height), part(0, 0, width, 2), part(0, 0, 2, height), part(width - 2, 0, width, height)];
}
