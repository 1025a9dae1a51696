// Alpha at the network's resolution, in the blue channel of an 8-bit texture, where `refine` reads it.
uniform sampler2D models;  // slope, offset, alpha
out vec4 result;

void main() {
  result = vec4(0, 0, texelFetch(models, ivec2(gl_FragCoord.xy), 0).b, 1);
}
