// Mean light of the whole picture, weighted by 1 / (1 + d^2)^2 at d cells away: fills the background behind the person.
uniform sampler2D cells;  // light * weight, weight
out vec4 result;

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  ivec2 size = textureSize(cells, 0);
  vec4 sum = vec4(0);
  for (int y = 0; y < size.y; y++) {
    for (int x = 0; x < size.x; x++) {
      vec2 away = vec2(ivec2(x, y) - here);
      float nearness = 1.0 / (1.0 + dot(away, away));
      sum += nearness * nearness * texelFetch(cells, ivec2(x, y), 0);
    }
  }
  result = vec4(sum.rgb / max(sum.a, LEAST_CELL_WEIGHT), 1);
}
