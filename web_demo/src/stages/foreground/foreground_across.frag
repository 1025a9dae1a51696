// Blur fusion (Forte, 2021), first pass: weighted sums of foreground F and background B along rows.
uniform sampler2D foreground;
uniform sampler2D background;
uniform sampler2D small;  // reduced photo, alpha
uniform int radius;
layout(location = 0) out vec4 f_sum;
layout(location = 1) out vec4 b_sum;

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  int last = textureSize(small, 0).x - 1;
  f_sum = b_sum = vec4(0);
  int first = max(here.x - radius, 0);
  int stop = min(here.x + radius, last);
  for (int x = first; x <= stop; x++) {
    ivec2 at = ivec2(x, here.y);
    float alpha = texelFetch(small, at, 0).a;
    f_sum += vec4(texelFetch(foreground, at, 0).rgb * alpha, alpha);
    b_sum += vec4(texelFetch(background, at, 0).rgb * (1.0 - alpha), 1.0 - alpha);
  }
  float count = float(stop - first + 1);
  f_sum /= count;
  b_sum /= count;
}
