// The network's matte in 8 bits, where `refined` looks for it.
uniform sampler2D models;
out vec4 result;

void main() {
  result = vec4(0, 0, texelFetch(models, ivec2(gl_FragCoord.xy), 0).b, 1);
}
