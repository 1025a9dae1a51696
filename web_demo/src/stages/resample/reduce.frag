// Mean over blocks of whole pixels, as Pillow's Image.reduce. Blocks at the right and lower border may be smaller.
uniform sampler2D source;
uniform ivec2 block;  // width and height of a block
uniform ivec2 first;  // the part of the source
uniform ivec2 stop;
out vec4 result;

void main() {
  ivec2 from = first + ivec2(gl_FragCoord.xy) * block;
  ivec2 to = min(from + block, stop);
  vec4 sum = vec4(0);
  for (int y = from.y; y < to.y; y++) {
    for (int x = from.x; x < to.x; x++) sum += texelFetch(source, ivec2(x, y), 0);
  }
  result = sum / float((to.x - from.x) * (to.y - from.y));
}
