const HIGHLIGHT_GAIN = 6;
const HIGHLIGHT_KNEE = 0.75;

/**
 * Light of each 8-bit code. Highlights were brighter than the white they were clipped to: giving some of it back lets a
 * small one bloom into a disc. The same curve leads back, so that an even sky comes out as it went in.
 */
export const LENS_CURVE = Float32Array.from({ length: 256 }, (_, value) => {
  const code = value / 255;
  const linear = code <= 0.04045 ? code / 12.92 : ((code + 0.055) / 1.055) ** 2.4;
  const above = Math.min(Math.max((code - HIGHLIGHT_KNEE) / (1 - HIGHLIGHT_KNEE), 0), 1);
  return linear * (1 + HIGHLIGHT_GAIN * above ** 2);
});
