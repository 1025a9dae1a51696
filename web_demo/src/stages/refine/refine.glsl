uniform sampler2D models;  // of the look at the whole photo: slope, offset, alpha, or by colours three slopes and offset
uniform vec2 photo_size;
uniform int kind_of_models;  // see KINDS in refine.ts: 0 luma, 1 colours, 2 plain
uniform int closer;  // number of closer looks
uniform sampler2D closer_models;  // theirs, in one texture
uniform sampler2D closer_places;  // a row for each: see PLACE in refine.ts

// Alpha in steps of 1/255, from 0 to 255. rgb: of the photo's pixel.
int refined_code(vec4 model, vec3 rgb, int kind) {
  float alpha = kind == 2 ? model.b * 255.0
    : kind == 1 ? dot(model.rgb, floor(rgb * 255.0 + 0.5)) + model.a * 255.0
    : model.r * luma(rgb) + model.g * 255.0;
  return int(clamp(floor(alpha + 0.5), 0.0, 255.0));
}

// Weight of a closer look along one axis, 0 to 255: it rises from each edge of its box that is not one of the photo.
int rising(int place, int length_, int reach, bool from_start, bool from_stop) {
  int weight = 255;
  if (from_start) weight = min(weight, (2 * place + 1) * 255 / (2 * reach));
  if (from_stop) weight = min(weight, (2 * (length_ - 1 - place) + 1) * 255 / (2 * reach));
  return weight;
}

// Alpha at the photo's resolution, in steps of 1/255.
// position: in pixels of the photo; the first pixel has its centre at 0.5. photo: RGBA of that pixel.
float refine(vec2 position, vec4 photo) {
  vec4 model = bilinear(models, position / photo_size * vec2(textureSize(models, 0)));
  int code = refined_code(model, photo.rgb, kind_of_models);
  for (int i = 0; i < closer; i++) {
    float place[10];
    for (int k = 0; k < 10; k++) place[k] = texelFetch(closer_places, ivec2(k, i), 0).r;
    vec2 start = vec2(place[0], place[1]);
    vec2 size = vec2(place[2], place[3]) - start;
    vec2 here = position - start;
    if (any(lessThan(here, vec2(0))) || any(greaterThanEqual(here, size))) continue;
    ivec2 first = ivec2(place[4], place[5]);
    ivec2 models_size = ivec2(place[6], place[7]);
    vec2 there = vec2(first) + here / size * vec2(models_size);
    vec4 own = bilinear_within(closer_models, there, first, first + models_size - 1);
    int part = refined_code(own, photo.rgb, int(place[8]));
    int reach = int(place[9]);
    ivec2 at = ivec2(here);
    int across = rising(at.x, int(size.x), reach, start.x > 0.0, place[2] < photo_size.x);
    int down = rising(at.y, int(size.y), reach, start.y > 0.0, place[3] < photo_size.y);
    int weight = (down * across + 127) / 255;
    code = (code * (255 - weight) + part * weight + 127) / 255;
  }
  return float(code) / 255.0 * photo.a;
}
