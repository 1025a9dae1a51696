import type { Gpu, Texture } from "../gpu.ts";
import type { Size } from "../size.ts";
import { resample } from "./resample/resample.ts";

/** The photo resized for the network, on white where it is transparent. Read it with `gpu.read`. */
export function networkView(gpu: Gpu, photo: Texture, size: Size): Texture {
  return resample(gpu, photo, size, { box: false, onWhite: true });
}
