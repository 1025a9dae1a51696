import type { Gpu, Texture } from "../../gpu.ts";
import { shader } from "../../shaders.ts";
import linearModelsShader from "./linear_models.frag?raw";
import slopeShader from "./linear_models_slope.frag?raw";
import lumaShader from "./luma.glsl?raw";
import settleShader from "./settle.glsl?raw";

const SLOPE = shader(lumaShader + settleShader + slopeShader);
const MODELS = shader(linearModelsShader);

/**
 * Local linear models alpha = slope * luma + offset at the view's resolution (He and Sun, "Fast guided filter", 2015).
 *
 * Returns slope, offset and the settled alpha in one texture. The box filter of 3 x 3 pixels is part of the shaders.
 */
export function linearModels(gpu: Gpu, view: Texture, alpha: Texture): Texture {
  const slopes = gpu.target(alpha.width, alpha.height, "floats");
  const models = gpu.target(alpha.width, alpha.height, "floats");
  gpu.draw(SLOPE, { view, alpha }, [slopes]);
  gpu.draw(MODELS, { slopes }, [models]);
  gpu.free(slopes);
  return models;
}
