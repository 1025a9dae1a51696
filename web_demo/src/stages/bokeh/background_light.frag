// Mean linear light of the background, premultiplied by its weight. Pixels with any alpha hardly count.
uniform sampler2D photo;
uniform vec2 photo_step;  // photo texels per target texel
uniform sampler2D curve;  // light of each 8-bit code, 256 x 1
out vec4 result;  // light * weight, weight

vec3 light_of(vec3 rgb) {
  ivec3 codes = ivec3(rgb * 255.0 + 0.5);
  return vec3(
    texelFetch(curve, ivec2(codes.r, 0), 0).r,
    texelFetch(curve, ivec2(codes.g, 0), 0).r,
    texelFetch(curve, ivec2(codes.b, 0), 0).r
  );
}

void main() {
  ivec2 size = textureSize(photo, 0);
  ivec2 first = max(ivec2((gl_FragCoord.xy - 0.5) * photo_step + 0.5), ivec2(0));
  ivec2 stop = min(max(ivec2((gl_FragCoord.xy + 0.5) * photo_step + 0.5), first + 1), size);
  vec2 to_photo = photo_size / vec2(size);
  vec4 sum = vec4(0);
  for (int y = first.y; y < stop.y; y++) {
    for (int x = first.x; x < stop.x; x++) {
      vec4 pixel = texelFetch(photo, ivec2(x, y), 0);
      float alpha = refine((vec2(x, y) + 0.5) * to_photo, pixel);
      float share = (1.0 - alpha) * (alpha > SOFT_ALPHA ? SOFT_SHARE : 1.0);
      sum += vec4(light_of(pixel.rgb), 1) * share;
    }
  }
  result = sum / float((stop.x - first.x) * (stop.y - first.y));
}
