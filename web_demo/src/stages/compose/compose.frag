// Draw an effect: the photo, its matte, or the estimated foreground, alone or over a new background.
uniform sampler2D photo;
uniform vec4 photo_part;  // left, top, width, height: the part of the photo that the texture holds, in pixels
uniform sampler2D foreground;
uniform sampler2D background;
uniform sampler2D behind;  // the new background
uniform vec4 behind_part;  // left, top, width, height: the part of it that covers the photo, in [0, 1]
uniform bool enlarge;  // the new background is smaller than the photo
uniform vec3 colour;
uniform vec4 target_part;  // left, top, width, height: the part of the photo to draw, in pixels
uniform vec2 target_size;
uniform int kind;  // see KINDS in compose.ts: 0 photo, 1 matte, 2 cut-out, 3 over a colour, 4 over a picture
uniform bool to_screen;  // upside down, premultiplied
uniform bool mirror;
out vec4 result;

void main() {
  vec2 at = gl_FragCoord.xy;
  if (to_screen) at.y = target_size.y - at.y;
  if (mirror) at.x = target_size.x - at.x;
  vec2 position = target_part.xy + at / target_size * target_part.zw;
  vec4 pixel = texture(photo, (position - photo_part.xy) / photo_part.zw);
  if (kind == 0) {
    result = vec4(pixel.rgb, 1);
    return;
  }
  float alpha = refine(position, pixel);
  if (kind == 1) {
    result = vec4(vec3(alpha), 1);
    return;
  }
  vec2 small = position / photo_size * vec2(textureSize(foreground, 0));
  vec4 near = bilinear(foreground, small);
  vec3 f = near.rgb;
  vec3 b = bilinear(background, small).rgb;
  vec3 own = clamp(f + alpha * (pixel.rgb - mix(b, f, alpha)), 0.0, 1.0);
  if (kind == 2) {
    // Far from the person, black compresses best.
    if (alpha == 0.0 && near.a == 0.0) own = vec3(0);
    result = to_screen ? vec4(own * alpha, alpha) : vec4(own, alpha);
    return;
  }
  vec2 there = behind_part.xy + position / photo_size * behind_part.zw;
  vec3 back = colour;
  if (kind == 4) back = enlarge ? bicubic(behind, there * vec2(textureSize(behind, 0))).rgb : texture(behind, there).rgb;
  result = vec4(mix(back, own, alpha), 1);
}
