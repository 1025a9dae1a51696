import { type LoadOptions, PortraitMatting } from "../src/index.ts";

/** Two bundles of one network: photos want detail, a camera wants speed. */
export type Use = "photo" | "live";

const folder = (use: Use) => `./models/${use}/`;

export function loadModel(use: Use, options: Partial<LoadOptions>): Promise<PortraitMatting> {
  return PortraitMatting.load({ bundle: folder(use), engine: "./engine/", ...options });
}

/** Keep a bundle for times without a network. */
export function prefetchModel(use: Use): Promise<void> {
  return PortraitMatting.prefetch(folder(use));
}
