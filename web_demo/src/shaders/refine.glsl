// The matte at the photo's size: interpolated, with the photo's own edges.
uniform sampler2D models;  // slope, offset, matte
uniform vec2 photo_size;
uniform bool plain;  // a photo no larger than the network's view: interpolation alone

// position: in pixels of the photo, the first one's centre at 0.5. Steps of 1/255, as in files.
float refined(vec2 position, vec4 photo) {
  vec4 model = bilinear(models, position / photo_size * vec2(textureSize(models, 0)));
  float alpha = plain ? model.b * 255.0 : model.r * luma(photo.rgb) + model.g * 255.0;
  return clamp(floor(alpha + 0.5), 0.0, 255.0) / 255.0 * photo.a;
}
