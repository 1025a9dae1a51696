// Estimate foreground colours, so that hair on a new background does not show the old one.

/// Estimate the foreground colours F of I = alpha F + (1 - alpha) B, for a photo I and its matte.
///
/// Blur fusion (Forte, "Approximate fast foreground colour estimation", 2021) in two passes. Each pass takes F and B as
/// weighted means of the photo's colours, over a wide and then a narrow window, and corrects F so that the equation
/// holds. F and B vary slowly, so both are estimated on a small copy. Only the last correction runs at the photo's
/// resolution, on the tiles where the matte is soft. Elsewhere F is the photo.
///
/// Throws `CancellationError` if its task was cancelled.
package func estimateForeground(image: Raster<UInt8>, matte: Raster<UInt8>) throws -> Raster<UInt8> {
    precondition(image.size == matte.size && image.channels == 3)
    let scale = min(1, Double(StageConstants.foregroundSide) / Double(max(image.width, image.height)))
    let size = PixelSize(
        width: max(1, Int((Double(image.width) * scale).rounded(.toNearestOrEven))),
        height: max(1, Int((Double(image.height) * scale).rounded(.toNearestOrEven))))
    let smallMatte = matte.shrunk(to: size, .box)
    let (f, b) = blurFusion(image: image.shrunk(to: size, .box), matte: smallMatte)
    var result = image
    for tile in softTiles(smallMatte, size: image.size, margin: StageConstants.foregroundMargin) {
        try Task.checkCancellation()
        result.paste(
            fused(
                f.resized(to: tile.size, .bilinear, box: tile.box), b.resized(to: tile.size, .bilinear, box: tile.box),
                image: image.cropped(to: tile.place), matte: matte.cropped(to: tile.place)),
            left: tile.place.left, top: tile.place.top)
    }
    return result
}

/// Blend two 8-bit colours: alpha * upper + (1 - alpha) * lower, rounded. All three are in 0...255.
@inline(__always)
func blended(_ lower: UInt8, _ upper: UInt8, _ alpha: UInt8) -> UInt8 {
    let sum = UInt32(lower) * (255 - UInt32(alpha)) + UInt32(upper) * UInt32(alpha) + 128
    return UInt8(truncatingIfNeeded: ((sum >> 8) + sum) >> 8)
}

/// Correct F by alpha times the residual of I = alpha F + (1 - alpha) B, in 8 bits.
private func fused(
    _ f: Raster<UInt8>, _ b: Raster<UInt8>, image: Raster<UInt8>, matte: Raster<UInt8>
) -> Raster<UInt8> {
    var result = f
    for i in matte.values.indices {
        let alpha = matte.values[i]
        let in128ths = (Int32(alpha) * 256 + 255) / 510
        for c in 3 * i..<3 * i + 3 {
            let residual = Int32(image.values[c]) - Int32(blended(b.values[c], f.values[c], alpha))
            result.values[c] = clamped(Int32(f.values[c]) + (residual * in128ths + 64) >> 7)
        }
    }
    return result
}

/// Estimate F and B of a small picture.
private func blurFusion(image: Raster<UInt8>, matte: Raster<UInt8>) -> (Raster<UInt8>, Raster<UInt8>) {
    let alpha = matte.values.map { Float($0) / 255 }
    let rest = alpha.map { 1 - $0 }
    let colours = (0..<3).map { c in alpha.indices.map { Float(image.values[3 * $0 + c]) } }
    var f = colours
    var b = colours
    for share in [StageConstants.far, StageConstants.near] {
        let side = max(3, image.width, image.height)
        let radius = max(1, Int((Double(side) * share).rounded(.toNearestOrEven)))
        let mean = { (x: [Float]) in boxMean(x, width: image.width, height: image.height, radius: radius) }
        let (weightOfF, weightOfB) = (mean(alpha), mean(rest))
        for c in 0..<3 {
            let sumOfF = mean(zip(f[c], alpha).map { $0 * $1 })
            let sumOfB = mean(zip(b[c], rest).map { $0 * $1 })
            for i in alpha.indices {
                let meanF = sumOfF[i] / max(weightOfF[i], StageConstants.leastWindowWeight)
                let meanB = sumOfB[i] / max(weightOfB[i], StageConstants.leastWindowWeight)
                let a = alpha[i]
                b[c][i] = meanB
                f[c][i] = min(255, max(0, meanF + a * (colours[c][i] - a * meanF - (1 - a) * meanB)))
            }
        }
    }
    return (interleaved(f, image.size), interleaved(b, image.size))
}

/// Join three planes in about 0...255 to a picture, rounded and clamped.
private func interleaved(_ planes: [[Float]], _ size: PixelSize) -> Raster<UInt8> {
    var picture = Raster<UInt8>(width: size.width, height: size.height, channels: 3, filledWith: 0)
    for (c, plane) in planes.enumerated() {
        for (i, x) in plane.enumerated() { picture.values[3 * i + c] = UInt8(min(255, max(0, x)) + 0.5) }
    }
    return picture
}
