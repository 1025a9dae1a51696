import type { Gpu, Texture } from "../gpu.ts";
import type { Size } from "../size.ts";
import { type Region, resample } from "./resample/resample.ts";

/** The photo, or a region of it, resized for the network, on white where it is transparent. Read it with `gpu.read`. */
export function networkView(gpu: Gpu, photo: Texture, size: Size, region?: Region): Texture {
  return resample(gpu, photo, size, { box: false, onWhite: true, ...(region && { region }) });
}
