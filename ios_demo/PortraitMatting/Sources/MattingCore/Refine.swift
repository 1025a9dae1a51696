// From the matte at the network's size to the matte at the photo's: edge-aware upsampling.

private let radius = 1
private let epsilon: Float = 1e-3
private let margin = 2
private let haze: Float = 4.0 / 255

/// The matte of a photo, of its size, from the network's alpha.
///
/// `view` is the photo at the network's size. A guided filter (He and Sun, "Fast guided filter", 2015) gives the slope at
/// which the matte follows the photo's brightness, window by window on the small grid. The matte is then interpolated,
/// and the brightness that interpolation lost comes back times that slope, so edges fall where the photo has them. Only
/// tiles that hold soft pixels are touched. A photo no larger than its view gets its matte by plain interpolation.
public func refine(alpha: Raster<Float>, view: Raster<UInt8>, image: Raster<UInt8>) -> Raster<UInt8> {
    precondition(alpha.size == view.size && view.channels == 3 && image.channels == 3)
    let alpha = settle(alpha)
    let small = matte(of: alpha)
    if image.width * image.height <= view.width * view.height { return small.resized(to: image.size, .bilinear) }
    // Outside the soft tiles the small matte is flat, so that the nearest pixel is as good as any interpolation.
    var full = small.nearest(to: image.size)
    let models = linearModels(guide: brightness(of: view), alpha: alpha)
    let offsets = Raster(
        width: alpha.width, height: alpha.height, values: models.offset.values.map { $0 * 255 + 0.5 })
    for tile in softTiles(small, size: image.size, margin: margin) {
        let rise = models.slope.resized(to: tile.size, .bilinear, box: tile.box)
        let atBlack = offsets.resized(to: tile.size, .bilinear, box: tile.box)
        var part = luma(of: image.cropped(to: tile.place))
        for i in part.values.indices {
            part.values[i] = UInt8(min(255, max(0, rise.values[i] * Float(part.values[i]) + atBlack.values[i])))
        }
        full.paste(part, left: tile.place.left, top: tile.place.top)
    }
    return full
}

/// Stretch the alpha so that what is within 4/255 of 0 or 1 gets there.
///
/// Networks leave a haze of a few 255ths where nothing is: invisible in the matte, but a veil on a new background.
public func settle(_ alpha: Raster<Float>) -> Raster<Float> {
    var settled = alpha
    for i in settled.values.indices {
        settled.values[i] = min(1, max(0, (settled.values[i] - haze) / (1 - 2 * haze)))
    }
    return settled
}

/// 0...1 to 0...255, rounded; what lies outside is clamped.
public func matte(of alpha: Raster<Float>) -> Raster<UInt8> {
    Raster(
        width: alpha.width, height: alpha.height, values: alpha.values.map { UInt8(min(1, max(0, $0)) * 255 + 0.5) })
}

/// Slope and offset of alpha = slope * guide + offset, exact at every pixel of the small grid.
public func linearModels(
    guide: Raster<Float>, alpha: Raster<Float>
) -> (slope: Raster<Float>, offset: Raster<Float>) {
    let (width, height) = (alpha.width, alpha.height)
    let mean = { (x: [Float]) in boxMean(x, width: width, height: height, radius: radius) }
    let meanGuide = mean(guide.values)
    let meanAlpha = mean(alpha.values)
    let product = mean(zip(guide.values, alpha.values).map { $0 * $1 })
    let square = mean(guide.values.map { $0 * $0 })
    let local = meanGuide.indices.map { i in
        (product[i] - meanGuide[i] * meanAlpha[i]) / (square[i] - meanGuide[i] * meanGuide[i] + epsilon)
    }
    let slope = mean(local)
    let offset = slope.indices.map { i in alpha.values[i] - slope[i] * guide.values[i] }
    return (
        Raster(width: width, height: height, values: slope), Raster(width: width, height: height, values: offset)
    )
}

/// Luma in 0...1.
public func brightness(of picture: Raster<UInt8>) -> Raster<Float> {
    Raster(width: picture.width, height: picture.height, values: luma(of: picture).values.map { Float($0) / 255 })
}

/// Rec. 601 luma of an RGB picture in 8 bits.
func luma(of picture: Raster<UInt8>) -> Raster<UInt8> {
    var result = Raster<UInt8>(width: picture.width, height: picture.height, filledWith: 0)
    picture.values.withUnsafeBufferPointer { rgb in
        result.values.withUnsafeMutableBufferPointer { result in
            for i in 0..<result.count {
                let sum = UInt32(rgb[3 * i]) * 19595 + UInt32(rgb[3 * i + 1]) * 38470 + UInt32(rgb[3 * i + 2]) * 7471
                result[i] = UInt8(truncatingIfNeeded: (sum + 0x8000) >> 16)
            }
        }
    }
    return result
}
