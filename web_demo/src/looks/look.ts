import { MIRROR_AGREES, MIRROR_AROUND, MIRROR_DIFFERS, MOST_ENLARGED, PERSON_SHARE, SMALL_SIDE } from "../constants.ts";
import { type InputSize, fit, smaller } from "../input_size.ts";
import { type Pixels, type Plane, mapped, mean, mirrored, turned } from "../plane.ts";
import type { Size } from "../size.ts";
import { boxMean } from "../stages/box_filter.ts";
import { resizePixels, resizePlane } from "../stages/resample/resize.ts";

/** A rectangle of a photo or a matte, in its pixels. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

/** Runs a network. */
export interface Network {
  readonly size: InputSize;
  /** The matte of a view. */
  alpha(view: Pixels): Promise<Plane>;
}

/** A photo as the looks see it. */
export interface Photo {
  readonly size: Size;
  /** A part resized to a size, transparent pixels on white. */
  view(size: Size, box: Box): Promise<Pixels>;
}

/**
 * A part of a photo that the network saw.
 *
 * box: the part. alpha: its matte. view: the part at the size of alpha. turn: by how many quarter turns,
 * counter-clockwise, the network saw the view turned. alpha and view are as in the photo.
 */
export interface Look {
  readonly box: Box;
  readonly alpha: Plane;
  readonly view: Pixels;
  readonly turn: number;
}

/** The box of the whole photo. */
export function whole({ width, height }: Size): Box {
  return [0, 0, width, height];
}

/** Size of the view of a box, as in the photo, where the network sees it turned. */
export function viewSize(rule: InputSize, [left, top, right, bottom]: Box, turn = 0): Size {
  if (turn % 2 === 0) return fit(rule, right - left, bottom - top);
  const { width, height } = fit(rule, bottom - top, right - left);
  return { width: height, height: width };
}

/** The rule for views of a whole photo, which are not enlarged further than is useful. */
export function forThumbnails(rule: InputSize, { width, height }: Size): InputSize {
  return smaller(rule, Math.round(MOST_ENLARGED * Math.sqrt(width * height)));
}

/** Show a part of a photo to the network. */
export async function lookAt(network: Network, photo: Photo, box: Box, turn = 0): Promise<Look> {
  const isWhole = box.every((edge, i) => edge === whole(photo.size)[i]);
  const rule = isWhole ? forThumbnails(network.size, photo.size) : network.size;
  return await lookAtView(network, box, await photo.view(viewSize(rule, box, turn), box), turn);
}

/** Show the network the view of a look again, reduced to the area SMALL_SIDE^2, and turned. */
export async function smallerLook(network: Network, photo: Photo, look: Look, turn: number): Promise<Look> {
  const size = viewSize(smaller(forThumbnails(network.size, photo.size), SMALL_SIDE), look.box, turn);
  if (size.width === look.view.width && size.height === look.view.height && turn === look.turn) return look;
  return await lookAtView(network, look.box, resizePixels(look.view, size), turn);
}

/** The look with what its matte and that of its mirror image agree on. */
export async function withMirrorImage(network: Network, look: Look): Promise<Look> {
  const other = turned(await mirroredMatteOf(network, turned(look.view, look.turn, 4)), -look.turn);
  return { ...look, alpha: agreed(look.alpha, other) };
}

/**
 * One matte of two of the same view: their mean, but the smaller one where they differ much.
 *
 * Hair differs little and gains from the mean. What only one of them takes for a part of the person, such as furniture,
 * is left out.
 */
export function agreed(one: Plane, other: Plane): Plane {
  const difference = mapped(one, (a, i) => Math.abs(a - other.data[i]!));
  const around = boxMean(difference, MIRROR_AROUND);
  return mapped(one, (a, i) => {
    const doubt = Math.min(Math.max((around.data[i]! - MIRROR_AGREES) / (MIRROR_DIFFERS - MIRROR_AGREES), 0), 1);
    return (a + other.data[i]! - doubt * difference.data[i]!) / 2;
  });
}

/** The matte that the network answers for the mirror image of a view, mirrored back. */
export async function mirroredMatteOf(network: Network, view: Pixels): Promise<Plane> {
  return mirrored(await network.alpha(mirrored(view, 4)));
}

async function lookAtView(network: Network, box: Box, view: Pixels, turn: number): Promise<Look> {
  return { box, view, turn, alpha: turned(await network.alpha(turned(view, turn, 4)), -turn) };
}

/** How far a matte is from 0 and 1, by its mean: 0 for a hard one, 1 for one that is faint everywhere or empty. */
export function softness(alpha: Plane): number {
  const share = mean(alpha);
  return share >= PERSON_SHARE ? mean(mapped(alpha, (a) => Math.min(a, 1 - a))) / share : 1;
}

/** Intersection over union of the people in the matte of a look and in that of a smaller view of the same box. */
export function agreement(alpha: Plane, small: Plane): number {
  const reduced = resizePlane(alpha, { width: small.width, height: small.height });
  let both = 0;
  let any = 0;
  for (let i = 0; i < small.data.length; i++) {
    const [one, other] = [reduced.data[i]! > 0.5, small.data[i]! > 0.5];
    both += Number(one && other);
    any += Number(one || other);
  }
  return both / Math.max(1, any);
}
