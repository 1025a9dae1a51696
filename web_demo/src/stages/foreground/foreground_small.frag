// The reduced photo with its alpha as fourth channel, the input of blur fusion.
uniform sampler2D photo;  // reduced
out vec4 result;

void main() {
  vec4 pixel = texelFetch(photo, ivec2(gl_FragCoord.xy), 0);
  vec2 position = gl_FragCoord.xy / vec2(textureSize(photo, 0)) * photo_size;
  result = vec4(pixel.rgb, refine(position, pixel));
}
