// One axis of a resize as Pillow does it, with a triangle or box filter that widens as the picture shrinks.
uniform sampler2D source;
uniform ivec2 axis;  // (1, 0) or (0, 1)
uniform float start;  // where the part of the source begins
uniform float step_;  // source texels per target texel
uniform bool box;  // box filter instead of triangle
uniform bool on_white;  // composite transparent pixels on white
out vec4 result;

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  int length_ = axis.x == 1 ? textureSize(source, 0).x : textureSize(source, 0).y;
  float wide = max(step_, 1.0);
  float centre = start + (float(here.x * axis.x + here.y * axis.y) + 0.5) * step_;
  float reach = (box ? 0.5 : 1.0) * wide;
  int first = max(int(centre - reach + 0.5), 0);
  int stop = min(int(centre + reach + 0.5), length_);
  ivec2 across = here * (1 - axis);
  vec4 sum = vec4(0);
  float weights = 0.0;
  for (int i = first; i < stop; i++) {
    float weight = box ? 1.0 : max(0.0, 1.0 - abs((float(i) - centre + 0.5) / wide));
    sum += weight * texelFetch(source, across + i * axis, 0);
    weights += weight;
  }
  result = sum / weights;
  if (on_white) result = vec4(mix(vec3(1), result.rgb, result.a), 1);
}
