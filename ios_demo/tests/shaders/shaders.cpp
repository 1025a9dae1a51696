// The kernels of Shaders.metal as C functions for tests/apps/shaders.py. Each runs its kernel for every pixel of the target.
#include "../../PortraitMatting/Sources/PortraitMatting/Shaders.metal"

// A texture as ctypes passes it.
struct Texture {
    float *pixels;
    uint width, height;

    Picture picture() const { return Picture{(float4 *)pixels, width, height}; }
    Canvas canvas() const { return Canvas{(float4 *)pixels, width, height}; }
};

// One pixel beyond the target's width and height, since a grid of whole thread groups also reaches beyond it.
template <typename Body> static void everywhere(Texture target, Body body) {
    for (uint y = 0; y < target.height + 1; y++) {
        for (uint x = 0; x < target.width + 1; x++) { body(uint2(x, y)); }
    }
}

extern "C" {
void run_network_view(Texture frame, Texture view, Box part) {
    everywhere(view, [&](metal::uint2 at) { network_view(frame.picture(), view.canvas(), part, at); });
}

void run_linear_models(Texture view, Texture alpha, Texture slopes, Texture models) {
    everywhere(slopes, [&](metal::uint2 at) {
        linear_models_slope(view.picture(), alpha.picture(), slopes.canvas(), at);
    });
    everywhere(models, [&](metal::uint2 at) { linear_models(slopes.picture(), models.canvas(), at); });
}

void run_foreground(Texture view, Texture alpha, Texture person, Texture background, int radius) {
    everywhere(person, [&](metal::uint2 at) {
        foreground(view.picture(), alpha.picture(), person.canvas(), background.canvas(), radius, at);
    });
}

void run_background_light(Texture view, Texture alpha, Texture lights) {
    everywhere(lights, [&](metal::uint2 at) {
        background_light(view.picture(), alpha.picture(), lights.canvas(), at);
    });
}

void run_background_cells(Texture lights, Texture cells, int side) {
    everywhere(cells, [&](metal::uint2 at) { background_cells(lights.picture(), cells.canvas(), side, at); });
}

void run_background_fill(Texture cells, Texture filled) {
    everywhere(filled, [&](metal::uint2 at) { background_fill(cells.picture(), filled.canvas(), at); });
}

void run_disc_blur(Texture lights, Texture filled, Texture blurred, float radius, int side) {
    everywhere(blurred, [&](metal::uint2 at) {
        disc_blur(lights.picture(), filled.picture(), blurred.canvas(), radius, side, at);
    });
}

void run_compose(Texture frame, Texture models, Texture person, Texture background, Texture backdrop, Texture result,
                 Box part, Box cover) {
    everywhere(result, [&](metal::uint2 at) {
        compose(frame.picture(), models.picture(), person.picture(), background.picture(), backdrop.picture(),
                result.canvas(), part, cover, at);
    });
}

void run_show_frame(Texture frame, Texture result, Box part) {
    everywhere(result, [&](metal::uint2 at) { show_frame(frame.picture(), result.canvas(), part, at); });
}
}
