// Blur fusion, second pass: sums along columns and weighted means, then F moves towards I = alpha F + (1 - alpha) B.
uniform sampler2D f_sums;
uniform sampler2D b_sums;
uniform sampler2D small;  // reduced photo, alpha
uniform int radius;
layout(location = 0) out vec4 foreground;
layout(location = 1) out vec4 background;

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  int last = textureSize(small, 0).y - 1;
  vec4 f = vec4(0);
  vec4 b = vec4(0);
  int first = max(here.y - radius, 0);
  int stop = min(here.y + radius, last);
  for (int y = first; y <= stop; y++) {
    f += texelFetch(f_sums, ivec2(here.x, y), 0);
    b += texelFetch(b_sums, ivec2(here.x, y), 0);
  }
  float count = float(stop - first + 1);
  f /= count;
  b /= count;
  vec3 mean_f = f.rgb / max(f.a, LEAST_WINDOW_WEIGHT);
  vec3 mean_b = b.rgb / max(b.a, LEAST_WINDOW_WEIGHT);
  vec4 own = texelFetch(small, here, 0);
  vec3 unexplained = own.rgb - own.a * mean_f - (1.0 - own.a) * mean_b;
  // The fourth channel is 1 where the window holds any foreground.
  foreground = vec4(clamp(mean_f + own.a * unexplained, 0.0, 1.0), f.a > 0.0 ? 1.0 : 0.0);
  background = vec4(mean_b, 1);
}
