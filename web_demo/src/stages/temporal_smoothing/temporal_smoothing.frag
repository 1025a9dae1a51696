// Recursive average of alpha over frames. Small differences are averaged, large ones are followed at once.
uniform sampler2D alpha;
uniform sampler2D previous;  // the result for the previous frame
out vec4 result;

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  float before = texelFetch(previous, here, 0).r;
  float difference = texelFetch(alpha, here, 0).r - before;
  float share = min(STILL + abs(difference) / JUMP, 1.0);
  result = vec4(before + share * difference, 0, 0, 1);
}
