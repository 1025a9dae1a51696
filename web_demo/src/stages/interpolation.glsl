// Bicubic weight of a texel x texels away, with a = -0.5.
float cubic(float x) {
  x = abs(x);
  return x < 1.0 ? (1.5 * x - 2.5) * x * x + 1.0 : x < 2.0 ? ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0 : 0.0;
}

// Bicubic interpolation, for enlarging. position: in texels; the first texel has its centre at 0.5.
vec4 bicubic(sampler2D source, vec2 position) {
  ivec2 last = textureSize(source, 0) - 1;
  vec2 from = floor(position - 0.5) - 1.0;
  vec4 sum = vec4(0);
  float weights = 0.0;
  for (int y = 0; y < 4; y++) {
    for (int x = 0; x < 4; x++) {
      ivec2 at = ivec2(from) + ivec2(x, y);
      if (any(lessThan(at, ivec2(0))) || any(greaterThan(at, last))) continue;
      vec2 away = position - 0.5 - vec2(at);
      float weight = cubic(away.x) * cubic(away.y);
      sum += weight * texelFetch(source, at, 0);
      weights += weight;
    }
  }
  return clamp(sum / weights, 0.0, 1.0);
}

// Bilinear interpolation of float textures, which some GPUs cannot filter. position: as above. first, last: the texels
// that count.
vec4 bilinear_within(sampler2D source, vec2 position, ivec2 first, ivec2 last) {
  vec2 from = floor(position - 0.5);
  vec2 share = position - 0.5 - from;
  ivec2 a = clamp(ivec2(from), first, last);
  ivec2 b = clamp(ivec2(from) + 1, first, last);
  return mix(
    mix(texelFetch(source, a, 0), texelFetch(source, ivec2(b.x, a.y), 0), share.x),
    mix(texelFetch(source, ivec2(a.x, b.y), 0), texelFetch(source, b, 0), share.x),
    share.y
  );
}

vec4 bilinear(sampler2D source, vec2 position) {
  return bilinear_within(source, position, ivec2(0), textureSize(source, 0) - 1);
}
