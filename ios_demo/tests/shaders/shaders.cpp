// The kernels of Shaders.metal as functions that tests/test_ios.py calls: every pixel of the target, one after the other.
#include "../../PortraitMatting/Sources/PortraitMatting/Shaders.metal"

// As ctypes passes a texture.
struct Texture {
    float *pixels;
    uint width, height;

    Picture picture() const { return Picture{(float4 *)pixels, width, height}; }
    Canvas canvas() const { return Canvas{(float4 *)pixels, width, height}; }
};

// One step more than the target is wide and high, as a grid of whole groups has on the device.
template <typename Body> static void everywhere(Texture target, Body body) {
    for (uint y = 0; y < target.height + 1; y++) {
        for (uint x = 0; x < target.width + 1; x++) { body(uint2(x, y)); }
    }
}

extern "C" {
void run_look(Texture frame, Texture view, Box part) {
    everywhere(view, [&](metal::uint2 at) { look(frame.picture(), view.canvas(), part, at); });
}

void run_estimate(Texture view, Texture alpha, Texture foreground, Texture background, int radius) {
    everywhere(foreground, [&](metal::uint2 at) {
        estimate(view.picture(), alpha.picture(), foreground.canvas(), background.canvas(), radius, at);
    });
}

void run_reduce(Texture view, Texture alpha, Texture cells, int side) {
    everywhere(cells, [&](metal::uint2 at) { reduce(view.picture(), alpha.picture(), cells.canvas(), side, at); });
}

void run_spread(Texture cells, Texture afar) {
    everywhere(afar, [&](metal::uint2 at) { spread(cells.picture(), afar.canvas(), at); });
}

void run_gather(Texture view, Texture alpha, Texture afar, Texture blurred, float radius, int side) {
    everywhere(blurred, [&](metal::uint2 at) {
        gather(view.picture(), alpha.picture(), afar.picture(), blurred.canvas(), radius, side, at);
    });
}

void run_composite(Texture frame, Texture models, Texture foreground, Texture background, Texture backdrop, Texture result,
                   Box part, Box cover) {
    everywhere(result, [&](metal::uint2 at) {
        composite(frame.picture(), models.picture(), foreground.picture(), background.picture(), backdrop.picture(),
                  result.canvas(), part, cover, at);
    });
}

void run_show(Texture frame, Texture result, Box part) {
    everywhere(result, [&](metal::uint2 at) { show(frame.picture(), result.canvas(), part, at); });
}
}
