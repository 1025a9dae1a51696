// The matte to show for a frame, moved towards the network's: calm where it flickers, at once where it moves.
uniform sampler2D alpha;
uniform sampler2D previous;
uniform bool smooth_;
uniform float still;
uniform float jump;
out vec4 result;

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  float shown = texelFetch(alpha, here, 0).r;
  if (smooth_) {
    float before = texelFetch(previous, here, 0).r;
    float difference = shown - before;
    shown = before + min(still + abs(difference) / jump, 1.0) * difference;
  }
  result = vec4(shown, 0, 0, 1);
}
