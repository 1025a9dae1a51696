// The way of a camera's frame on the graphics processor. The names are those of the Swift and Python sources, which say
// why. Textures are read pixel by pixel and interpolated here, so that the result is the same as there.

#include <metal_stdlib>
using namespace metal;

typedef texture2d<float, access::read> Picture;
typedef texture2d<float, access::write> Canvas;

// A part of a picture in its pixels.
struct Box {
    float left, top, width, height;
};

static float4 readClamped(Picture picture, int x, int y) {
    int right = int(picture.get_width()) - 1;
    int bottom = int(picture.get_height()) - 1;
    return picture.read(uint2(uint(clamp(x, 0, right)), uint(clamp(y, 0, bottom))));
}

// Between four pixels, at a place whose pixel centres are at halves.
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

static float luma(float3 colour) { return dot(colour, float3(0.299f, 0.587f, 0.114f)); }

// The frame's part at the network's size: a triangle filter that widens as the picture shrinks.
kernel void look(Picture frame [[texture(0)]], Canvas view [[texture(1)]], constant Box &part [[buffer(0)]],
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

// Mean colours of the person and of what is behind, over a window of the view; every second pixel of it is looked at.
kernel void estimate(Picture view [[texture(0)]], Picture alpha [[texture(1)]], Canvas foreground [[texture(2)]],
                     Canvas background [[texture(3)]], constant int &radius [[buffer(0)]],
                     uint2 at [[thread_position_in_grid]]) {
    if (at.x >= foreground.get_width() || at.y >= foreground.get_height()) { return; }
    float2 scale = float2(float(view.get_width()) / float(foreground.get_width()),
                          float(view.get_height()) / float(foreground.get_height()));
    float2 place = centre(at) * scale;
    float3 f = float3(0.0f, 0.0f, 0.0f);
    float3 b = float3(0.0f, 0.0f, 0.0f);
    float ofF = 0.0f;
    float ofB = 0.0f;
    for (int dy = -radius; dy <= radius; dy += 2) {
        for (int dx = -radius; dx <= radius; dx += 2) {
            int x = int(place.x) + dx;
            int y = int(place.y) + dy;
            float3 colour = readClamped(view, x, y).rgb;
            float a = readClamped(alpha, x, y).r;
            f += a * colour;
            b += (1.0f - a) * colour;
            ofF += a;
            ofB += 1.0f - a;
        }
    }
    foreground.write(float4(f / max(ofF, 1e-4f), 1.0f), at);
    background.write(float4(b / max(ofB, 1e-4f), 1.0f), at);
}

// Light of an sRGB code, with the highlights that were clipped given back.
static float light(float code) {
    float linear = code <= 0.04045f ? code / 12.92f : pow((code + 0.055f) / 1.055f, 2.4f);
    float knee = saturate((code - 0.75f) / 0.25f);
    return linear * (1.0f + 6.0f * knee * knee);
}

// The code of some light, along the same curve.
static float code(float shine) {
    float low = 0.0f;
    float high = 1.0f;
    for (int i = 0; i < 10; i++) {
        float middle = 0.5f * (low + high);
        if (light(middle) <= shine) { low = middle; } else { high = middle; }
    }
    return 0.5f * (low + high);
}

// What a pixel counts as background that holds any of the person: it has not the background's colour.
#define SOFT_SHARE 1e-3f
// Share of the disc that must count for it to answer alone.
#define LEAST 0.1f

// Light of the background in a pixel of the view, premultiplied by what it counts.
static float4 backgroundLight(Picture view, Picture alpha, int x, int y) {
    float a = readClamped(alpha, x, y).r;
    float3 colour = readClamped(view, x, y).rgb;
    float share = (1.0f - a) * (a > 0.05f ? SOFT_SHARE : 1.0f);
    return share * float4(light(colour.r), light(colour.g), light(colour.b), 1.0f);
}

// The mean of that over cells of the view, squares of `side` pixels.
kernel void reduce(Picture view [[texture(0)]], Picture alpha [[texture(1)]], Canvas cells [[texture(2)]],
                   constant int &side [[buffer(0)]], uint2 at [[thread_position_in_grid]]) {
    if (at.x >= cells.get_width() || at.y >= cells.get_height()) { return; }
    int left = int(at.x) * side;
    int top = int(at.y) * side;
    int right = min(left + side, int(view.get_width()));
    int bottom = min(top + side, int(view.get_height()));
    float4 sum = float4(0.0f, 0.0f, 0.0f, 0.0f);
    for (int y = top; y < bottom; y++) {
        for (int x = left; x < right; x++) { sum += backgroundLight(view, alpha, x, y); }
    }
    cells.write(sum / float((right - left) * (bottom - top)), at);
}

// Light where there is none: it spreads from wherever there is some, the nearer the more.
kernel void spread(Picture cells [[texture(0)]], Canvas afar [[texture(1)]], uint2 at [[thread_position_in_grid]]) {
    if (at.x >= afar.get_width() || at.y >= afar.get_height()) { return; }
    float4 sum = float4(0.0f, 0.0f, 0.0f, 0.0f);
    for (int y = 0; y < int(cells.get_height()); y++) {
        for (int x = 0; x < int(cells.get_width()); x++) {
            float dx = float(x - int(at.x));
            float dy = float(y - int(at.y));
            float nearness = 1.0f / (1.0f + dx * dx + dy * dy);
            sum += nearness * nearness * readClamped(cells, x, y);
        }
    }
    afar.write(float4(sum.rgb / max(sum.a, 1e-20f), 1.0f), at);
}

// The background through a wide lens: the mean light over a disc of the view, of pixels that hold nothing of the person.
// Where too little of the disc counts, light spread from farther away makes up for the rest.
kernel void gather(Picture view [[texture(0)]], Picture alpha [[texture(1)]], Picture afar [[texture(2)]],
                   Canvas blurred [[texture(3)]], constant float &radius [[buffer(0)]],
                   constant int &side [[buffer(1)]], uint2 at [[thread_position_in_grid]]) {
    if (at.x >= blurred.get_width() || at.y >= blurred.get_height()) { return; }
    float2 scale = float2(float(view.get_width()) / float(blurred.get_width()),
                          float(view.get_height()) / float(blurred.get_height()));
    float2 place = centre(at) * scale;
    int reach = int(ceil(radius));
    float4 sum = float4(0.0f, 0.0f, 0.0f, 0.0f);
    for (int dy = -reach; dy <= reach; dy++) {
        for (int dx = -reach; dx <= reach; dx++) {
            float inside = clamp(radius + 0.5f - length(float2(float(dx), float(dy))), 0.0f, 1.0f);
            int x = int(place.x) + dx;
            int y = int(place.y) + dy;
            bool outside = x < 0 || y < 0 || x >= int(view.get_width()) || y >= int(view.get_height());
            if (!outside) { sum += inside * backgroundLight(view, alpha, x, y); }
        }
    }
    float least = LEAST * M_PI_F * (radius + 0.5f) * (radius + 0.5f);
    float3 far = interpolated(afar, place / float(side)).rgb;
    float3 mean = (sum.rgb + max(least - sum.a, 0.0f) * far) / max(sum.a, least);
    blurred.write(float4(code(mean.r), code(mean.g), code(mean.b), 1.0f), at);
}

// The matte at the frame's resolution: models holds slope and offset of alpha = slope * luma + offset.
static float matte(Picture models, float2 place, float3 colour) {
    float4 model = interpolated(models, place);
    return saturate(model.r * luma(colour) + model.g);
}

// The person, in its own colours, over the backdrop, of which `cover` is seen.
kernel void composite(Picture frame [[texture(0)]], Picture models [[texture(1)]], Picture foreground [[texture(2)]],
                      Picture background [[texture(3)]], Picture backdrop [[texture(4)]], Canvas result [[texture(5)]],
                      constant Box &part [[buffer(0)]], constant Box &cover [[buffer(1)]],
                      uint2 at [[thread_position_in_grid]]) {
    if (at.x >= result.get_width() || at.y >= result.get_height()) { return; }
    float3 colour = readClamped(frame, int(part.left) + int(at.x), int(part.top) + int(at.y)).rgb;
    float2 place = centre(at) / float2(float(result.get_width()), float(result.get_height()));
    float2 small = float2(float(foreground.get_width()), float(foreground.get_height()));
    float a = matte(models, place * float2(float(models.get_width()), float(models.get_height())), colour);
    float3 f = interpolated(foreground, place * small).rgb;
    float3 b = interpolated(background, place * small).rgb;
    float3 person = saturate(f + a * (colour - a * f - (1.0f - a) * b));
    float3 behind = interpolated(backdrop, float2(cover.left, cover.top) + place * float2(cover.width, cover.height)).rgb;
    result.write(float4(mix(behind, person, a), 1.0f), at);
}

// The frame's part as it is.
kernel void show(Picture frame [[texture(0)]], Canvas result [[texture(1)]], constant Box &part [[buffer(0)]],
                 uint2 at [[thread_position_in_grid]]) {
    if (at.x >= result.get_width() || at.y >= result.get_height()) { return; }
    result.write(readClamped(frame, int(part.left) + int(at.x), int(part.top) + int(at.y)), at);
}
