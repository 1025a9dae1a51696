// Mean light over a disc with soft borders, converted back to sRGB codes by the inverse of the light curve.
uniform sampler2D light;  // light * weight, weight
uniform sampler2D fill;  // light from farther away, one texel per cell
uniform float cell;  // pixels along the side of a cell
uniform sampler2D curve;  // light of each 8-bit code, 256 x 1
uniform float radius;
out vec4 result;

const float PI = 3.14159265;

float code_of(float value) {
  int low = 0;
  int high = 255;
  while (high - low > 1) {
    int middle = (low + high) / 2;
    if (texelFetch(curve, ivec2(middle, 0), 0).r <= value) low = middle;
    else high = middle;
  }
  float a = texelFetch(curve, ivec2(low, 0), 0).r;
  float b = texelFetch(curve, ivec2(high, 0), 0).r;
  return (float(low) + clamp((value - a) / (b - a), 0.0, 1.0)) / 255.0;
}

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  ivec2 size = textureSize(light, 0);
  int reach = int(ceil(radius)) + 1;
  vec4 sum = vec4(0);
  for (int dy = -reach; dy <= reach; dy++) {
    int y = here.y + dy;
    float half_ = sqrt(max(0.0, (radius + 0.5) * (radius + 0.5) - float(dy * dy))) - 0.5;
    if (y < 0 || y >= size.y || half_ < 0.0) continue;
    int run = int(half_) + 1;
    for (int x = max(here.x - run, 0); x <= min(here.x + run, size.x - 1); x++) {
      sum += clamp(half_ - float(abs(x - here.x)) + 1.0, 0.0, 1.0) * texelFetch(light, ivec2(x, y), 0);
    }
  }
  // Where the disc holds too little weight, background_fill supplies the rest.
  float least = LEAST * PI * (radius + 0.5) * (radius + 0.5);
  vec3 far = bilinear(fill, gl_FragCoord.xy / cell).rgb;
  vec3 mean = (sum.rgb + max(least - sum.a, 0.0) * far) / max(sum.a, least);
  result = vec4(code_of(mean.r), code_of(mean.g), code_of(mean.b), 1);
}
