uniform sampler2D models;  // slope, offset, alpha
uniform vec2 photo_size;
uniform bool plain;  // the photo is no larger than the view: interpolate alpha, without the linear models

// Alpha at the photo's resolution, in steps of 1/255.
// position: in pixels of the photo; the first pixel has its centre at 0.5. photo: RGBA of that pixel.
float refine(vec2 position, vec4 photo) {
  vec4 model = bilinear(models, position / photo_size * vec2(textureSize(models, 0)));
  float alpha = plain ? model.b * 255.0 : model.r * luma(photo.rgb) + model.g * 255.0;
  return clamp(floor(alpha + 0.5), 0.0, 255.0) / 255.0 * photo.a;
}
