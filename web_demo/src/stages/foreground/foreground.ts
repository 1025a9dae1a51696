import { FAR, NEAR } from "../../constants.ts";
import type { Gpu, Texture } from "../../gpu.ts";
import { shader } from "../../shaders.ts";
import { scaled } from "../../size.ts";
import type { PhotoTexture } from "../photo_texture.ts";
import { REFINE, type Refined } from "../refine/refine.ts";
import { resample } from "../resample/resample.ts";
import acrossShader from "./foreground_across.frag?raw";
import downShader from "./foreground_down.frag?raw";
import smallShader from "./foreground_small.frag?raw";

const SMALL = shader(REFINE + smallShader);
const ACROSS = shader(acrossShader);
const DOWN = shader(downShader);

/** Foreground colours F and background colours B of I = alpha F + (1 - alpha) B, at low resolution. */
export interface Colours {
  readonly foreground: Texture;
  readonly background: Texture;
}

/**
 * Estimate the colours with blur fusion (Forte, 2021): a pass with a wide window, then one with a narrow window.
 *
 * side: longer side of the result. The caller frees both textures.
 */
export function estimateForeground(gpu: Gpu, photo: PhotoTexture, refined: Refined, side: number): Colours {
  const size = scaled(photo.size, Math.min(1, side / Math.max(photo.size.width, photo.size.height)));
  const target = () => gpu.target(size.width, size.height, "floats");
  const reduced = resample(gpu, photo.texture, size, { box: true, onWhite: false });
  const small = gpu.target(size.width, size.height, "bytes");
  gpu.draw(SMALL, { photo: reduced, ...refined }, [small]);
  const sums = { f_sums: target(), b_sums: target() };
  let colours: Colours = { foreground: reduced, background: reduced };
  for (const share of [FAR, NEAR]) {
    const radius = Math.max(1, Math.round(Math.max(size.width, size.height) * share));
    const means = { foreground: target(), background: target() };
    gpu.draw(ACROSS, { ...colours, small, radius }, [sums.f_sums, sums.b_sums]);
    gpu.draw(DOWN, { ...sums, small, radius }, [means.foreground, means.background]);
    gpu.free(colours.foreground, colours.background);
    colours = means;
  }
  gpu.free(small, sums.f_sums, sums.b_sums);
  return colours;
}
