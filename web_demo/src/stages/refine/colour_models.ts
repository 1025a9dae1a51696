import type { Gpu, Texture } from "../../gpu.ts";
import { shader } from "../../shaders.ts";
import modelsShader from "./colour_models.frag?raw";
import slopesShader from "./colour_models_slopes.frag?raw";
import settleShader from "./settle.glsl?raw";

const SLOPES = shader(settleShader + slopesShader);
const MODELS = shader(settleShader + modelsShader);

/**
 * Local linear models alpha = slopes * colours + offset at the view's resolution (He, Sun and Tang, 2013, eq. 14).
 *
 * Returns three slopes and the offset in one texture.
 */
export function colourModels(gpu: Gpu, view: Texture, alpha: Texture): Texture {
  const slopes = gpu.target(alpha.width, alpha.height, "floats");
  const models = gpu.target(alpha.width, alpha.height, "floats");
  gpu.draw(SLOPES, { view, alpha }, [slopes]);
  gpu.draw(MODELS, { slopes, view, alpha }, [models]);
  gpu.free(slopes);
  return models;
}
