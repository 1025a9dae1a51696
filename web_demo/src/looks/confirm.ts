import { CONFIRM_AGREEMENT, CONFIRM_SHARED } from "../constants.ts";
import { shared, widened } from "./boxes.ts";
import { boxOfPeople, isSomebody, lookCloser } from "./closer.ts";
import { type Box, type Look, type Network, type Photo, agreement, smallerLook } from "./look.ts";

/**
 * The closer look at a small person whose box another look gave, in pixels of the photo; null if it differs.
 *
 * A closer look alone takes many a thing for a person that fills its view. So it must show somebody in the same place,
 * and a small view of it must show the same.
 */
export async function closerLookAtTheSame(network: Network, photo: Photo, person: Box, turn = 0): Promise<Look | null> {
  const closer = await lookCloser(network, photo, widened(person, photo.size), turn);
  const again = boxOfPeople(closer);
  if (!again || !isSomebody(closer, photo.size) || !isSamePerson(person, again)) return null;
  const small = await smallerLook(network, photo, closer, turn);
  return areAlike(agreement(closer.alpha, small.alpha)) ? closer : null;
}

/** Whether two boxes are around the same person. */
export function isSamePerson(one: Box, other: Box): boolean {
  return shared(one, other) >= CONFIRM_SHARED;
}

/** Whether a closer look and a small view of it, with so much in common, show the same. */
export function areAlike(agreed: number): boolean {
  return agreed >= CONFIRM_AGREEMENT;
}
