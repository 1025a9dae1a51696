import { HIGHLIGHT_GAIN, HIGHLIGHT_KNEE } from "../../constants.ts";

/**
 * Linear light of each 8-bit sRGB code. Highlights were brighter than the white to which they were clipped, so they get
 * some of that light back, and a small one blooms into a disc. The blur inverts the same curve, so that an evenly lit
 * sky keeps its colour.
 */
export const LIGHT_CURVE = Float32Array.from({ length: 256 }, (_, value) => {
  const code = value / 255;
  const linear = code <= 0.04045 ? code / 12.92 : ((code + 0.055) / 1.055) ** 2.4;
  const above = Math.min(Math.max((code - HIGHLIGHT_KNEE) / (1 - HIGHLIGHT_KNEE), 0), 1);
  return linear * (1 + HIGHLIGHT_GAIN * above ** 2);
});
