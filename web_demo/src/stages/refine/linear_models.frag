// Guided filter, second pass: the mean slope of the 3 x 3 windows, and the offset that makes slope * luma + offset equal
// alpha at this pixel.
uniform sampler2D slopes;  // slope, alpha, luma
out vec4 result;  // slope, offset, alpha

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  ivec2 last = textureSize(slopes, 0) - 1;
  float sum = 0.0;
  float count = 0.0;
  for (int y = max(here.y - 1, 0); y <= min(here.y + 1, last.y); y++) {
    for (int x = max(here.x - 1, 0); x <= min(here.x + 1, last.x); x++) {
      sum += texelFetch(slopes, ivec2(x, y), 0).r;
      count += 1.0;
    }
  }
  vec4 own = texelFetch(slopes, here, 0);
  float slope = sum / count;
  result = vec4(slope, own.g - slope * own.b, own.g, 1);
}
