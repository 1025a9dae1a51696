// The photo on a small grid, with its matte as the fourth channel.
uniform sampler2D photo;
out vec4 result;

void main() {
  vec4 pixel = texelFetch(photo, ivec2(gl_FragCoord.xy), 0);
  vec2 position = gl_FragCoord.xy / vec2(textureSize(photo, 0)) * photo_size;
  result = vec4(pixel.rgb, refined(position, pixel));
}
