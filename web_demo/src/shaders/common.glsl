#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;

// 8-bit brightness as Pillow computes it, in whole steps.
float luma(vec3 rgb) {
  ivec3 codes = ivec3(rgb * 255.0 + 0.5);
  return float((codes.r * 19595 + codes.g * 38470 + codes.b * 7471 + 0x8000) >> 16);
}

// Bilinear in floats, which not every device's sampler can do. position: in texels, the first one's centre at 0.5.
vec4 bilinear(sampler2D source, vec2 position) {
  ivec2 last = textureSize(source, 0) - 1;
  vec2 from = floor(position - 0.5);
  vec2 share = position - 0.5 - from;
  ivec2 a = clamp(ivec2(from), ivec2(0), last);
  ivec2 b = clamp(ivec2(from) + 1, ivec2(0), last);
  return mix(
    mix(texelFetch(source, a, 0), texelFetch(source, ivec2(b.x, a.y), 0), share.x),
    mix(texelFetch(source, ivec2(a.x, b.y), 0), texelFetch(source, b, 0), share.x),
    share.y
  );
}
