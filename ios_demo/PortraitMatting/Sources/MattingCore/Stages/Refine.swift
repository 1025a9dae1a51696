// Edge-aware upsampling: from the network's alpha to a matte of the photo's size.

/// Refine the network's alpha to a matte of the photo's size, by edge-aware upsampling.
///
/// `alpha` is in 0...1 and of the size of `view`, the photo resized for the network. A guided filter (He and Sun, "Fast
/// guided filter", 2015) fits alpha = slope * luma + offset in every window of the view. Slope and offset are
/// interpolated and applied to the photo's own luma, so that edges fall where the photo has them. Only tiles with soft
/// pixels are computed. If the photo is no larger than its view, the matte is interpolated bilinearly.
package func refine(alpha: Raster<Float>, view: Raster<UInt8>, image: Raster<UInt8>) -> Raster<UInt8> {
    refine(alpha: alpha, view: view, image: image, guide: .luma)
}

/// Refine the network's alpha as `refine` does, by luma or by all three colours.
func refine(alpha: Raster<Float>, view: Raster<UInt8>, image: Raster<UInt8>, guide: Guide) -> Raster<UInt8> {
    precondition(alpha.size == view.size && view.channels == 3 && image.channels == 3)
    let alpha = settle(alpha)
    let small = to8Bit(alpha)
    if image.width * image.height <= view.width * view.height { return small.resized(to: image.size, .bilinear) }
    // Outside the soft tiles the small matte is constant, so the nearest pixel is exact.
    var full = small.nearest(to: image.size)
    let models: (slopes: [Raster<Float>], offset: Raster<Float>)
    switch guide {
    case .luma:
        let (slope, offset) = linearModels(guide: brightness(of: view), alpha: alpha)
        models = ([slope], offset)
    case .colours: models = colourModels(guide: view, alpha: alpha)
    }
    let offsets = Raster(
        width: alpha.width, height: alpha.height, values: models.offset.values.map { $0 * 255 + 0.5 })
    for tile in softTiles(small, size: image.size, margin: StageConstants.refineMargin) {
        let photo = image.cropped(to: tile.place)
        let followed = guide == .luma ? luma(of: photo) : photo
        let channels = followed.channels
        var levels = offsets.resized(to: tile.size, .bilinear, box: tile.box).values
        for (c, slope) in models.slopes.enumerated() {
            let rise = slope.resized(to: tile.size, .bilinear, box: tile.box).values
            for i in levels.indices { levels[i] += rise[i] * Float(followed.values[i * channels + c]) }
        }
        let part = Raster(
            width: tile.size.width, height: tile.size.height, values: levels.map { UInt8(min(255, max(0, $0))) })
        full.paste(part, left: tile.place.left, top: tile.place.top)
    }
    return full
}

/// Stretch alpha so that values within `StageConstants.haze` of 0 or 1 become 0 or 1.
///
/// Networks output a few 255ths on empty background. That haze is invisible in the matte but shows as a veil over a new
/// background.
package func settle(_ alpha: Raster<Float>) -> Raster<Float> {
    var settled = alpha
    for i in settled.values.indices {
        settled.values[i] = min(1, max(0, (settled.values[i] - StageConstants.haze) / (1 - 2 * StageConstants.haze)))
    }
    return settled
}

/// Round 0...1 to 0...255; values outside are clamped.
package func to8Bit(_ alpha: Raster<Float>) -> Raster<UInt8> {
    Raster(
        width: alpha.width, height: alpha.height, values: alpha.values.map { UInt8(min(1, max(0, $0)) * 255 + 0.5) })
}

/// Local linear models of the guided filter: slope and offset of alpha = slope * guide + offset.
///
/// The offset makes the model exact at every pixel of the small grid.
package func linearModels(
    guide: Raster<Float>, alpha: Raster<Float>
) -> (slope: Raster<Float>, offset: Raster<Float>) {
    let (width, height) = (alpha.width, alpha.height)
    let mean = { (x: [Float]) in boxMean(x, width: width, height: height, radius: StageConstants.guideRadius) }
    let meanGuide = mean(guide.values)
    let meanAlpha = mean(alpha.values)
    let product = mean(zip(guide.values, alpha.values).map { $0 * $1 })
    let square = mean(guide.values.map { $0 * $0 })
    let local = meanGuide.indices.map { i in
        (product[i] - meanGuide[i] * meanAlpha[i]) / (square[i] - meanGuide[i] * meanGuide[i] + StageConstants.epsilon)
    }
    let slope = mean(local)
    let offset = slope.indices.map { i in alpha.values[i] - slope[i] * guide.values[i] }
    return (
        Raster(width: width, height: height, values: slope), Raster(width: width, height: height, values: offset)
    )
}

/// Luma of an RGB picture, in 0...1.
package func brightness(of picture: Raster<UInt8>) -> Raster<Float> {
    Raster(width: picture.width, height: picture.height, values: luma(of: picture).values.map { Float($0) / 255 })
}

/// Luma of an RGB picture, in 8 bits (Rec. 601, with Pillow's integer weights).
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
