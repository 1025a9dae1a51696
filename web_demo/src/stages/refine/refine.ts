import type { Gpu, Texture } from "../../gpu.ts";
import type { Size } from "../../size.ts";
import interpolationShader from "../interpolation.glsl?raw";
import { resample } from "../resample/resample.ts";
import { linearModels } from "./linear_models.ts";
import lumaShader from "./luma.glsl?raw";
import refineShader from "./refine.glsl?raw";
import to8BitShader from "./to_8_bit.frag?raw";

/** GLSL that defines `refine(position, photo)`, alpha at the photo's resolution. It needs the uniforms in `Refined`. */
export const REFINE = interpolationShader + lumaShader + refineShader;

/** Uniforms of the GLSL function `refine`. */
export interface Refined {
  readonly models: Texture;
  readonly photo_size: readonly [width: number, height: number];
  readonly plain: boolean;
}

/**
 * Prepare edge-aware upsampling of alpha from the view's resolution to the photo's. The caller frees `models`.
 *
 * If the photo is no larger than the view, alpha is interpolated without the linear models.
 */
export function refine(gpu: Gpu, view: Texture, alpha: Texture, photo: Size): Refined {
  const models = linearModels(gpu, view, alpha);
  const photo_size = [photo.width, photo.height] as const;
  if (photo.width * photo.height > models.width * models.height) return { models, photo_size, plain: false };
  const small = gpu.target(models.width, models.height, "bytes");
  gpu.draw(to8BitShader, { models }, [small]);
  const interpolated = resample(gpu, small, photo, { box: false, onWhite: false });
  gpu.free(models, small);
  return { models: interpolated, photo_size, plain: true };
}
