import { type LoadOptions, PortraitMatting } from "../src/index.ts";

/** The same network at two resolutions: 512 x 512 for photos, 256 x 256 for the camera. */
export type Use = "photo" | "live";

const folder = (use: Use) => `./models/${use}/`;

export function loadModel(use: Use, options: Partial<LoadOptions>): Promise<PortraitMatting> {
  return PortraitMatting.load({ bundle: folder(use), engine: "./engine/", ...options });
}

/** Put a bundle into the cache, for use offline. */
export function prefetchModel(use: Use): Promise<void> {
  return PortraitMatting.prefetch(folder(use));
}
