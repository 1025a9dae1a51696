import { CLEARER_FILLED, CLEARER_SOFTNESS } from "../constants.ts";
import { type Plane, mean } from "../plane.ts";
import { softness } from "./look.ts";

/**
 * Whether the matte of a small view shows a person more clearly than that of the larger view of the same box.
 *
 * JPEG blocks, stripes and weaves confuse the network where a larger view shows them.
 */
export function isClearer(small: Plane, alpha: Plane): boolean {
  if (small.data.length >= alpha.data.length || mean(small) < CLEARER_FILLED) return false;
  return softness(small) <= CLEARER_SOFTNESS * softness(alpha);
}
