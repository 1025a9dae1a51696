// A texture, copied into a region of a larger one.
uniform sampler2D source;
uniform ivec2 origin;  // of the region
out vec4 result;

void main() {
  result = texelFetch(source, ivec2(gl_FragCoord.xy) - origin, 0);
}
