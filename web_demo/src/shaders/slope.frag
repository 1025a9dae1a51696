// The guided filter's slope of the matte over the photo's brightness, window by window (He and Sun, 2015).
uniform sampler2D view;
uniform sampler2D alpha;
uniform float haze;
uniform float epsilon;
out vec4 result;

float settled(ivec2 at) {
  return clamp((texelFetch(alpha, at, 0).r - haze) / (1.0 - 2.0 * haze), 0.0, 1.0);
}

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  ivec2 last = textureSize(alpha, 0) - 1;
  vec4 sum = vec4(0);
  float count = 0.0;
  for (int y = max(here.y - 1, 0); y <= min(here.y + 1, last.y); y++) {
    for (int x = max(here.x - 1, 0); x <= min(here.x + 1, last.x); x++) {
      float guide = luma(texelFetch(view, ivec2(x, y), 0).rgb) / 255.0;
      float a = settled(ivec2(x, y));
      sum += vec4(guide, a, guide * a, guide * guide);
      count += 1.0;
    }
  }
  vec4 mean = sum / count;
  float slope = (mean.z - mean.x * mean.y) / (mean.w - mean.x * mean.x + epsilon);
  result = vec4(slope, settled(here), luma(texelFetch(view, here, 0).rgb) / 255.0, 1);
}
