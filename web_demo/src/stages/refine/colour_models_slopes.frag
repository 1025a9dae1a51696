// Guided filter by colours (He, Sun and Tang, 2013), first pass: the slopes of alpha over the colours in each 3 x 3 window.
uniform sampler2D view;  // RGB
uniform sampler2D alpha;  // the network's alpha, before settle
out vec4 result;  // slopes

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  ivec2 last = textureSize(alpha, 0) - 1;
  vec3 means = vec3(0);
  vec3 with_alpha = vec3(0);
  vec3 squares = vec3(0);
  vec3 products = vec3(0);  // red green, red blue, green blue
  float mean_alpha = 0.0;
  float count = 0.0;
  for (int y = max(here.y - 1, 0); y <= min(here.y + 1, last.y); y++) {
    for (int x = max(here.x - 1, 0); x <= min(here.x + 1, last.x); x++) {
      vec3 guide = texelFetch(view, ivec2(x, y), 0).rgb;
      float a = settle(texelFetch(alpha, ivec2(x, y), 0).r);
      means += guide;
      with_alpha += guide * a;
      squares += guide * guide;
      products += vec3(guide.r * guide.g, guide.r * guide.b, guide.g * guide.b);
      mean_alpha += a;
      count += 1.0;
    }
  }
  means /= count;
  vec3 covariance = with_alpha / count - means * (mean_alpha / count);
  vec3 variance = squares / count - means * means + EPSILON_OF_COLOURS;
  float rg = products.x / count - means.r * means.g;
  float rb = products.y / count - means.r * means.b;
  float gb = products.z / count - means.g * means.b;
  // Elimination, as for any symmetric matrix with positive eigenvalues.
  float g_by_r = rg / variance.r;
  float b_by_r = rb / variance.r;
  float gg = variance.g - g_by_r * rg;
  gb -= b_by_r * rg;
  float b_by_g = gb / gg;
  float bb = variance.b - (b_by_r * rb + b_by_g * gb);
  float g = covariance.g - g_by_r * covariance.r;
  float b = (covariance.b - (b_by_r * covariance.r + b_by_g * g)) / bb;
  g = g / gg - b_by_g * b;
  float r = covariance.r / variance.r - (g_by_r * g + b_by_r * b);
  result = vec4(r, g, b, 1);
}
