// Luma in 0..255, rounded as Pillow rounds it. rgb: in [0, 1].
float luma(vec3 rgb) {
  ivec3 codes = ivec3(rgb * 255.0 + 0.5);
  return float((codes.r * 19595 + codes.g * 38470 + codes.b * 7471 + 0x8000) >> 16);
}
