// The mean light far around, for where the disc sees nothing but the person.
uniform sampler2D light;
uniform int radius;
out vec4 result;

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  ivec2 last = textureSize(light, 0) - 1;
  vec4 sum = vec4(0);
  for (int y = max(here.y - radius, 0); y <= min(here.y + radius, last.y); y++) {
    for (int x = max(here.x - radius, 0); x <= min(here.x + radius, last.x); x++) {
      sum += texelFetch(light, ivec2(x, y), 0);
    }
  }
  result = vec4(sum.rgb / (sum.a + 1e-6), 1);
}
