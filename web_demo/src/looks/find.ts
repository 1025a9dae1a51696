import { mapped, mean } from "../plane.ts";
import { resizePlane } from "../stages/resample/resize.ts";
import { boxesOfPeople } from "./boxes.ts";
import { isClearer } from "./clearer_view.ts";
import { lookCloser } from "./closer.ts";
import { lookIntoHints } from "./hints.ts";
import { type Look, type Network, type Photo, lookAt, smallerLook, whole, withMirrorImage } from "./look.ts";
import { upright } from "./orientation.ts";
import { BUDGETS, type Budget, NEARNESS, type Quality } from "./quality.ts";
import { secondLook, withDetail } from "./second_look.ts";

/** Look at a photo as often as the quality says. The first look is always at the whole photo. */
export async function looksAt(network: Network, photo: Photo, quality: Quality): Promise<Look[]> {
  let looks = await findPeople(network, photo, BUDGETS[quality]);
  const nearness = NEARNESS[quality];
  // Balanced: a photo whose parts were looked at was seen near enough.
  if (!nearness || (quality === "balanced" && looks.length > 1)) return looks;
  if (quality === "best" && looks.length === 1) looks = [await withMirrorImage(network, looks[0]!)];
  const again: Look[] = [];
  for (const look of looks) again.push(await secondLook(network, photo, look, nearness));
  return again;
}

/**
 * Look at a photo, and closer at people who are small in it.
 *
 * A photo of one large person gets one look, unless it is doubtful that the person is upright. With a budget for small
 * views, the small view counts where it is the clearer one.
 */
export async function findPeople(network: Network, photo: Photo, budget: Budget): Promise<Look[]> {
  let look = await lookAt(network, photo, whole(photo.size));
  let small = look;
  if (budget.smallViews) {
    small = await smallerLook(network, photo, look, 0);
    look = await upright(network, photo, look, small);
    if (look.turn) small = await smallerLook(network, photo, look, look.turn);
    if (isClearer(small.alpha, look.alpha)) return [withDetail(small, look)];
  }
  const seen = resizePlane(small.alpha, { width: look.alpha.width, height: look.alpha.height });
  const somebody = mapped(look.alpha, (a, i) => Math.max(a, seen.data[i]!));
  const closer: Look[] = [];
  for (const box of boxesOfPeople(look.alpha, photo.size, network.size, budget.closer, look.turn)) {
    closer.push(await lookCloser(network, photo, box, look.turn, somebody));
  }
  return [look, ...closer, ...(await lookIntoHints(network, photo, look, budget.hints))];
}

/** The largest mean of the mattes of looks: below PERSON_SHARE they show nobody. */
export function personShare(looks: readonly Look[]): number {
  return Math.max(...looks.map(({ alpha }) => mean(alpha)));
}

