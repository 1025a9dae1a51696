import type { Gpu, Texture } from "../../gpu.ts";
import { shader } from "../../shaders.ts";
import interpolationShader from "../interpolation.glsl?raw";
import { fillBackground } from "./background_fill.ts";
import discBlurShader from "./disc_blur.frag?raw";

const DISC_BLUR = shader(interpolationShader + discBlurShader);

/**
 * Mean light over a disc, as sRGB bytes.
 *
 * light: light * weight, and weight as fourth channel. curve: the light curve, 256 x 1. radius: in pixels of `light`.
 * The caller frees the result.
 */
export function discBlur(gpu: Gpu, light: Texture, curve: Texture, radius: number): Texture {
  const { fill, cell } = fillBackground(gpu, light);
  const result = gpu.smoothTarget(light.width, light.height);
  gpu.draw(DISC_BLUR, { light, fill, cell, curve, radius }, [result]);
  gpu.free(fill);
  return result;
}
