import { CELLS } from "../../constants.ts";
import type { Gpu, Texture } from "../../gpu.ts";
import { shader } from "../../shaders.ts";
import { reduce } from "../resample/resample.ts";
import fillShader from "./background_fill.frag?raw";

const FILL = shader(fillShader);

/** Light for places without background nearby, one texel for each cell of `cell` x `cell` pixels. */
export interface BackgroundFill {
  readonly fill: Texture;
  readonly cell: number;
}

/**
 * Fill the background behind the person with light from the whole picture: a cell d cells away counts 1 / (1 + d^2)^2.
 *
 * light: light * weight, and weight as fourth channel. The caller frees `fill`.
 */
export function fillBackground(gpu: Gpu, light: Texture): BackgroundFill {
  const cell = Math.ceil(Math.max(light.width, light.height) / CELLS);
  const grid = () => gpu.target(Math.ceil(light.width / cell), Math.ceil(light.height / cell), "floats");
  const [cells, fill] = [grid(), grid()];
  reduce(gpu, light, [cell, cell], cells);
  gpu.draw(FILL, { cells }, [fill]);
  gpu.free(cells);
  return { fill, cell };
}
