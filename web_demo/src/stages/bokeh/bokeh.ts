import { LARGEST_RADIUS, SMALLEST_RADIUS } from "../../constants.ts";
import type { Gpu, Texture } from "../../gpu.ts";
import { shader } from "../../shaders.ts";
import { scaled } from "../../size.ts";
import type { PhotoTexture } from "../photo_texture.ts";
import { REFINE, type Refined } from "../refine/refine.ts";
import lightShader from "./background_light.frag?raw";
import { discBlur } from "./disc_blur.ts";
import { LIGHT_CURVE } from "./light_curve.ts";

const LIGHT = shader(REFINE + lightShader);

/**
 * Blur the background with a disc, in linear light, as a wide lens would. Pixels with any of the person hardly count.
 *
 * strength: from 0 to 1. workingRadius: the background is reduced until the disc is at most this large, in pixels.
 * Returns the blurred background, smaller than the photo, which the caller frees; null if the disc is smaller than a
 * pixel. Throws RangeError for a strength that is not in [0, 1].
 */
export function blurBackground(
  gpu: Gpu,
  photo: PhotoTexture,
  refined: Refined,
  strength: number,
  workingRadius: number,
): Texture | null {
  if (!(strength >= 0 && strength <= 1)) {
    throw new RangeError(`a blur strength of ${strength} is out of range; choose one from 0 to 1`);
  }
  const radius = strength * LARGEST_RADIUS * Math.max(photo.size.width, photo.size.height);
  if (radius < SMALLEST_RADIUS) return null;
  const reduction = Math.max(1, radius / workingRadius);
  const { width, height } = scaled(photo.size, 1 / reduction);
  const curve = gpu.numbers(LIGHT_CURVE, 256, 1);
  const light = gpu.target(width, height, "floats");
  const photo_step = [photo.texture.width / width, photo.texture.height / height];
  gpu.draw(LIGHT, { photo: photo.texture, photo_step, curve, ...refined }, [light]);
  const blurred = discBlur(gpu, light, curve, radius / reduction);
  gpu.free(curve, light);
  return blurred;
}
