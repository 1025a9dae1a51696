// Guided filter by colours, second pass: the mean slopes of the 3 x 3 windows, and the offset that makes
// slopes * colours + offset equal alpha at this pixel.
uniform sampler2D slopes;
uniform sampler2D view;
uniform sampler2D alpha;
out vec4 result;  // slopes, offset

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  ivec2 last = textureSize(slopes, 0) - 1;
  vec3 sum = vec3(0);
  float count = 0.0;
  for (int y = max(here.y - 1, 0); y <= min(here.y + 1, last.y); y++) {
    for (int x = max(here.x - 1, 0); x <= min(here.x + 1, last.x); x++) {
      sum += texelFetch(slopes, ivec2(x, y), 0).rgb;
      count += 1.0;
    }
  }
  vec3 mean = sum / count;
  float own = settle(texelFetch(alpha, here, 0).r);
  result = vec4(mean, own - dot(mean, texelFetch(view, here, 0).rgb));
}
