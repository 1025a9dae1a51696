import { type LoadOptions, PortraitMatting } from "../src/index.ts";

/** Two bundles of one network: photos want detail, a camera wants speed. */
export type Use = "photo" | "live";

export function loadModel(use: Use, options: Partial<LoadOptions>): Promise<PortraitMatting> {
  return PortraitMatting.load({ bundle: `./models/${use}/`, engine: "./engine/", ...options });
}
