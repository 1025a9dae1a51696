// Mean over blocks of whole pixels, as Pillow's Image.reduce. Blocks at the right and lower border may be smaller.
uniform sampler2D source;
uniform ivec2 block;  // width and height of a block
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
