// The stages of a live frame on the GPU. Stages and constants have the names of the Swift and Python sources, which
// explain them. Textures are read pixel by pixel and interpolated here, so that the results match those sources.

#include <metal_stdlib>
using namespace metal;

typedef texture2d<float, access::read> Picture;
typedef texture2d<float, access::write> Canvas;

// Constants of the stages: `make constants` writes them.
// Regularisation of the guided filter, in squared luma.
constant float EPSILON = 0.001f;
// Least weight of a window, so that no division is by zero.
constant float LEAST_WINDOW_WEIGHT = 0.0001f;
// Least weight of all cells, so that no division is by zero.
constant float LEAST_CELL_WEIGHT = 1e-20f;
// Share of the disc that must have weight. Below it, light from farther away supplies the rest.
constant float LEAST = 0.1f;
// Weight of pixels that hold some of the person, relative to pure background.
constant float SOFT_SHARE = 0.001f;
// Alpha above which a pixel holds some of the person.
constant float SOFT_ALPHA = 0.05f;
// Light added to white, as a multiple of its own.
constant float HIGHLIGHT_GAIN = 6.0f;
// Code, from 0 to 1, above which light is added.
constant float HIGHLIGHT_KNEE = 0.75f;
// The same window is sampled at every second pixel.
constant int LIVE_FOREGROUND_STEP = 2;
// End of the constants of the stages.

// Luma weights (Rec. 601).
constant float LUMA_RED = 0.299f;
constant float LUMA_GREEN = 0.587f;
constant float LUMA_BLUE = 0.114f;
// The sRGB transfer curve: linear up to a limit, then a power.
constant float SRGB_LINEAR_LIMIT = 0.04045f;
constant float SRGB_LINEAR_SLOPE = 12.92f;
constant float SRGB_OFFSET = 0.055f;
constant float SRGB_SCALE = 1.055f;
constant float SRGB_EXPONENT = 2.4f;
// Bisection steps that invert the light curve: to 1/1024 of the code range.
constant int CODE_STEPS = 10;

// A part of a picture, in pixels.
struct Box {
    float left, top, width, height;
};

static float4 readClamped(Picture picture, int x, int y) {
    int right = int(picture.get_width()) - 1;
    int bottom = int(picture.get_height()) - 1;
    return picture.read(uint2(uint(clamp(x, 0, right)), uint(clamp(y, 0, bottom))));
}

// Bilinear interpolation. Pixel centres are at halves.
static float4 interpolated(Picture picture, float2 place) {
    float2 corner = floor(place - 0.5f);
    float2 share = place - 0.5f - corner;
    int x = int(corner.x);
    int y = int(corner.y);
    float4 top = mix(readClamped(picture, x, y), readClamped(picture, x + 1, y), share.x);
    float4 bottom = mix(readClamped(picture, x, y + 1), readClamped(picture, x + 1, y + 1), share.x);
    return mix(top, bottom, share.y);
}

static float2 centre(uint2 at) { return float2(float(at.x) + 0.5f, float(at.y) + 0.5f); }

static float luma(float3 colour) { return dot(colour, float3(LUMA_RED, LUMA_GREEN, LUMA_BLUE)); }

// Resize a part of the frame to the network's size, with a triangle filter that widens as the picture shrinks.
kernel void network_view(Picture frame [[texture(0)]], Canvas view [[texture(1)]], constant Box &part [[buffer(0)]],
                         uint2 at [[thread_position_in_grid]]) {
    if (at.x >= view.get_width() || at.y >= view.get_height()) { return; }
    float2 scale = float2(part.width / float(view.get_width()), part.height / float(view.get_height()));
    float2 reach = max(scale, float2(1.0f, 1.0f));
    float2 place = float2(part.left, part.top) + centre(at) * scale;
    int left = max(0, int(place.x - reach.x + 0.5f));
    int top = max(0, int(place.y - reach.y + 0.5f));
    int right = min(int(frame.get_width()), int(place.x + reach.x + 0.5f));
    int bottom = min(int(frame.get_height()), int(place.y + reach.y + 0.5f));
    float4 sum = float4(0.0f, 0.0f, 0.0f, 0.0f);
    float weights = 0.0f;
    for (int y = top; y < bottom; y++) {
        float down = max(0.0f, 1.0f - fabs((float(y) + 0.5f - place.y) / reach.y));
        for (int x = left; x < right; x++) {
            float weight = down * max(0.0f, 1.0f - fabs((float(x) + 0.5f - place.x) / reach.x));
            sum += weight * frame.read(uint2(uint(x), uint(y)));
            weights += weight;
        }
    }
    view.write(sum / weights, at);
}

// Luma of an 8-bit colour, rounded to 8 bits as in the Python and Swift sources.
static float roundedLuma(float3 colour) {
    float3 codes = floor(colour * 255.0f + 0.5f);
    return floor((dot(codes, float3(19595.0f, 38470.0f, 7471.0f)) + 32768.0f) / 65536.0f) / 255.0f;
}

// Guided filter, first pass: the slope of alpha over luma in the window of 3 x 3 pixels. Writes slope, alpha and luma.
kernel void linear_models_slope(Picture view [[texture(0)]], Picture alpha [[texture(1)]],
                                Canvas slopes [[texture(2)]], uint2 at [[thread_position_in_grid]]) {
    if (at.x >= slopes.get_width() || at.y >= slopes.get_height()) { return; }
    int right = int(slopes.get_width()) - 1;
    int bottom = int(slopes.get_height()) - 1;
    float4 sum = float4(0.0f, 0.0f, 0.0f, 0.0f);
    float count = 0.0f;
    for (int y = max(int(at.y) - 1, 0); y <= min(int(at.y) + 1, bottom); y++) {
        for (int x = max(int(at.x) - 1, 0); x <= min(int(at.x) + 1, right); x++) {
            float g = roundedLuma(readClamped(view, x, y).rgb);
            float a = readClamped(alpha, x, y).r;
            sum += float4(g, a, g * a, g * g);
            count += 1.0f;
        }
    }
    float4 mean = sum / count;
    float slope = (mean.z - mean.x * mean.y) / (mean.w - mean.x * mean.x + EPSILON);
    float own = roundedLuma(readClamped(view, int(at.x), int(at.y)).rgb);
    slopes.write(float4(slope, readClamped(alpha, int(at.x), int(at.y)).r, own, 1.0f), at);
}

// Guided filter, second pass: the mean slope of the windows, and the offset that gives alpha at this pixel.
kernel void linear_models(Picture slopes [[texture(0)]], Canvas models [[texture(1)]],
                          uint2 at [[thread_position_in_grid]]) {
    if (at.x >= models.get_width() || at.y >= models.get_height()) { return; }
    int right = int(models.get_width()) - 1;
    int bottom = int(models.get_height()) - 1;
    float sum = 0.0f;
    float count = 0.0f;
    for (int y = max(int(at.y) - 1, 0); y <= min(int(at.y) + 1, bottom); y++) {
        for (int x = max(int(at.x) - 1, 0); x <= min(int(at.x) + 1, right); x++) {
            sum += readClamped(slopes, x, y).r;
            count += 1.0f;
        }
    }
    float4 own = readClamped(slopes, int(at.x), int(at.y));
    float slope = sum / count;
    models.write(float4(slope, own.g - slope * own.b, 0.0f, 1.0f), at);
}

// Estimate the colours of the person and the background: weighted means over a window of the view.
kernel void foreground(Picture view [[texture(0)]], Picture alpha [[texture(1)]], Canvas person [[texture(2)]],
                       Canvas background [[texture(3)]], constant int &radius [[buffer(0)]],
                       uint2 at [[thread_position_in_grid]]) {
    if (at.x >= person.get_width() || at.y >= person.get_height()) { return; }
    float2 scale = float2(float(view.get_width()) / float(person.get_width()),
                          float(view.get_height()) / float(person.get_height()));
    float2 place = centre(at) * scale;
    float3 f = float3(0.0f, 0.0f, 0.0f);
    float3 b = float3(0.0f, 0.0f, 0.0f);
    float weightOfF = 0.0f;
    float weightOfB = 0.0f;
    for (int dy = -radius; dy <= radius; dy += LIVE_FOREGROUND_STEP) {
        for (int dx = -radius; dx <= radius; dx += LIVE_FOREGROUND_STEP) {
            int x = int(place.x) + dx;
            int y = int(place.y) + dy;
            float3 colour = readClamped(view, x, y).rgb;
            float a = readClamped(alpha, x, y).r;
            f += a * colour;
            b += (1.0f - a) * colour;
            weightOfF += a;
            weightOfB += 1.0f - a;
        }
    }
    person.write(float4(f / max(weightOfF, LEAST_WINDOW_WEIGHT), 1.0f), at);
    background.write(float4(b / max(weightOfB, LEAST_WINDOW_WEIGHT), 1.0f), at);
}

// Light of an sRGB code, with part of the clipped highlights' brightness restored.
static float light(float code) {
    float linear = code <= SRGB_LINEAR_LIMIT ? code / SRGB_LINEAR_SLOPE
                                             : pow((code + SRGB_OFFSET) / SRGB_SCALE, SRGB_EXPONENT);
    float knee = saturate((code - HIGHLIGHT_KNEE) / (1.0f - HIGHLIGHT_KNEE));
    return linear * (1.0f + HIGHLIGHT_GAIN * knee * knee);
}

// The sRGB code of some light: the inverse of `light`, by bisection.
static float code(float brightness) {
    float low = 0.0f;
    float high = 1.0f;
    for (int i = 0; i < CODE_STEPS; i++) {
        float middle = 0.5f * (low + high);
        if (light(middle) <= brightness) { low = middle; } else { high = middle; }
    }
    return 0.5f * (low + high);
}

// The light of every pixel of the view, and its weight as background. The discs read each pixel many times, and the light
// curve is slow.
kernel void background_light(Picture view [[texture(0)]], Picture alpha [[texture(1)]], Canvas lights [[texture(2)]],
                             uint2 at [[thread_position_in_grid]]) {
    if (at.x >= lights.get_width() || at.y >= lights.get_height()) { return; }
    float a = readClamped(alpha, int(at.x), int(at.y)).r;
    float3 colour = readClamped(view, int(at.x), int(at.y)).rgb;
    float weight = (1.0f - a) * (a > SOFT_ALPHA ? SOFT_SHARE : 1.0f);
    lights.write(float4(light(colour.r), light(colour.g), light(colour.b), weight), at);
}

// Background light of a pixel, premultiplied by its weight, and the weight.
static float4 weightedLight(Picture lights, int x, int y) {
    float4 pixel = readClamped(lights, x, y);
    return float4(pixel.rgb * pixel.a, pixel.a);
}

// Mean background light of every cell of the view, a square of `side` pixels.
kernel void background_cells(Picture lights [[texture(0)]], Canvas cells [[texture(1)]],
                             constant int &side [[buffer(0)]], uint2 at [[thread_position_in_grid]]) {
    if (at.x >= cells.get_width() || at.y >= cells.get_height()) { return; }
    int left = int(at.x) * side;
    int top = int(at.y) * side;
    int right = min(left + side, int(lights.get_width()));
    int bottom = min(top + side, int(lights.get_height()));
    float4 sum = float4(0.0f, 0.0f, 0.0f, 0.0f);
    for (int y = top; y < bottom; y++) {
        for (int x = left; x < right; x++) { sum += weightedLight(lights, x, y); }
    }
    cells.write(sum / float((right - left) * (bottom - top)), at);
}

// Fill every cell with background light from all cells, weighted by their nearness.
kernel void background_fill(Picture cells [[texture(0)]], Canvas filled [[texture(1)]],
                            uint2 at [[thread_position_in_grid]]) {
    if (at.x >= filled.get_width() || at.y >= filled.get_height()) { return; }
    float4 sum = float4(0.0f, 0.0f, 0.0f, 0.0f);
    for (int y = 0; y < int(cells.get_height()); y++) {
        for (int x = 0; x < int(cells.get_width()); x++) {
            float dx = float(x - int(at.x));
            float dy = float(y - int(at.y));
            float nearness = 1.0f / (1.0f + dx * dx + dy * dy);
            sum += nearness * nearness * readClamped(cells, x, y);
        }
    }
    filled.write(float4(sum.rgb / max(sum.a, LEAST_CELL_WEIGHT), 1.0f), at);
}

// Blur the background: the weighted mean of its light over a disc of the view. Where too little of the disc is
// background, `filled` supplies what is missing.
kernel void disc_blur(Picture lights [[texture(0)]], Picture filled [[texture(1)]], Canvas blurred [[texture(2)]],
                      constant float &radius [[buffer(0)]], constant int &side [[buffer(1)]],
                      uint2 at [[thread_position_in_grid]]) {
    if (at.x >= blurred.get_width() || at.y >= blurred.get_height()) { return; }
    float2 scale = float2(float(lights.get_width()) / float(blurred.get_width()),
                          float(lights.get_height()) / float(blurred.get_height()));
    float2 place = centre(at) * scale;
    int reach = int(ceil(radius));
    float4 sum = float4(0.0f, 0.0f, 0.0f, 0.0f);
    for (int dy = -reach; dy <= reach; dy++) {
        for (int dx = -reach; dx <= reach; dx++) {
            float inside = clamp(radius + 0.5f - length(float2(float(dx), float(dy))), 0.0f, 1.0f);
            int x = int(place.x) + dx;
            int y = int(place.y) + dy;
            bool outside = x < 0 || y < 0 || x >= int(lights.get_width()) || y >= int(lights.get_height());
            if (!outside) { sum += inside * weightedLight(lights, x, y); }
        }
    }
    float least = LEAST * M_PI_F * (radius + 0.5f) * (radius + 0.5f);
    float3 far = interpolated(filled, place / float(side)).rgb;
    float3 mean = (sum.rgb + max(least - sum.a, 0.0f) * far) / max(sum.a, least);
    blurred.write(float4(code(mean.r), code(mean.g), code(mean.b), 1.0f), at);
}

// The matte at the frame's resolution. `models` holds slope and offset of alpha = slope * luma + offset.
static float refine(Picture models, float2 place, float3 colour) {
    float4 model = interpolated(models, place);
    return saturate(model.r * luma(colour) + model.g);
}

// Compose the person, in the estimated colours, over the part `cover` of the backdrop.
kernel void compose(Picture frame [[texture(0)]], Picture models [[texture(1)]], Picture person [[texture(2)]],
                    Picture background [[texture(3)]], Picture backdrop [[texture(4)]], Canvas result [[texture(5)]],
                    constant Box &part [[buffer(0)]], constant Box &cover [[buffer(1)]],
                    uint2 at [[thread_position_in_grid]]) {
    if (at.x >= result.get_width() || at.y >= result.get_height()) { return; }
    float3 colour = readClamped(frame, int(part.left) + int(at.x), int(part.top) + int(at.y)).rgb;
    float2 place = centre(at) / float2(float(result.get_width()), float(result.get_height()));
    float2 small = float2(float(person.get_width()), float(person.get_height()));
    float a = refine(models, place * float2(float(models.get_width()), float(models.get_height())), colour);
    float3 f = interpolated(person, place * small).rgb;
    float3 b = interpolated(background, place * small).rgb;
    float3 estimate = saturate(f + a * (colour - a * f - (1.0f - a) * b));
    float2 covered = float2(cover.left, cover.top) + place * float2(cover.width, cover.height);
    float3 behind = interpolated(backdrop, covered).rgb;
    result.write(float4(mix(behind, estimate, a), 1.0f), at);
}

// Copy a part of the frame unchanged.
kernel void show_frame(Picture frame [[texture(0)]], Canvas result [[texture(1)]], constant Box &part [[buffer(0)]],
                       uint2 at [[thread_position_in_grid]]) {
    if (at.x >= result.get_width() || at.y >= result.get_height()) { return; }
    result.write(readClamped(frame, int(part.left) + int(at.x), int(part.top) + int(at.y)), at);
}
