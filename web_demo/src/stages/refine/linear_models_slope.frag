// Guided filter (He and Sun, 2015), first pass: the slope of alpha over luma in each 3 x 3 window.
uniform sampler2D view;  // RGB
uniform sampler2D alpha;  // the network's alpha, before settle
out vec4 result;  // slope, alpha, luma

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  ivec2 last = textureSize(alpha, 0) - 1;
  vec4 sum = vec4(0);
  float count = 0.0;
  for (int y = max(here.y - 1, 0); y <= min(here.y + 1, last.y); y++) {
    for (int x = max(here.x - 1, 0); x <= min(here.x + 1, last.x); x++) {
      float guide = luma(texelFetch(view, ivec2(x, y), 0).rgb) / 255.0;
      float a = settle(texelFetch(alpha, ivec2(x, y), 0).r);
      sum += vec4(guide, a, guide * a, guide * guide);
      count += 1.0;
    }
  }
  vec4 mean = sum / count;
  float slope = (mean.z - mean.x * mean.y) / (mean.w - mean.x * mean.x + EPSILON);
  float own = settle(texelFetch(alpha, here, 0).r);
  result = vec4(slope, own, luma(texelFetch(view, here, 0).rgb) / 255.0, 1);
}
