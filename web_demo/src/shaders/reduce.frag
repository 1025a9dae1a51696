// The mean over blocks of whole pixels, fewer at the right and the lower border: what makes a large reduction cheap.
uniform sampler2D source;
uniform ivec2 block;
out vec4 result;

void main() {
  ivec2 first = ivec2(gl_FragCoord.xy) * block;
  ivec2 stop = min(first + block, textureSize(source, 0));
  vec4 sum = vec4(0);
  for (int y = first.y; y < stop.y; y++) {
    for (int x = first.x; x < stop.x; x++) sum += texelFetch(source, ivec2(x, y), 0);
  }
  result = sum / float((stop.x - first.x) * (stop.y - first.y));
}
