import Foundation

// Depth of field: blur the background as a wide-aperture lens would, and keep the person sharp.

/// Rows that are converted to light at a time, to bound the memory.
private let strip = 256

/// Light of every 8-bit sRGB code.
///
/// Sensors clip highlights to white. The curve restores part of their brightness, so that a small highlight blooms into
/// a disc. `code(of:)` inverts the same curve, so that an even area keeps its colour.
private let lightOfCode: [Float] = (0..<256).map { code in
    let x = Double(code) / 255
    let linear = x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4)
    let knee = min(1, max(0, (x - StageConstants.highlightKnee) / (1 - StageConstants.highlightKnee)))
    return Float(linear * (1 + StageConstants.highlightGain * knee * knee))
}

/// Weight as background of every matte code.
///
/// Pixels that hold some of the person do not have the background's colour. They decide only where there is no other.
private let shareOfCode: [Float] = (0..<256).map { code in
    let x = Double(code) / 255
    return Float((1 - x) * (x > StageConstants.softAlpha ? StageConstants.softShare : 1))
}

/// Blur the photo's background with a disc.
///
/// A strength of 0 leaves the photo unchanged; 1 is a disc with a radius of 3.5 % of the photo's longer side. The disc
/// averages background pixels in linear light and gives mixed pixels almost no weight, so the person neither bleeds
/// into the background nor leaves a halo. The estimated foreground is then composed over it. Throws
/// `MattingError.strengthOutOfRange` for a strength outside 0...1.
public func blurBackground(image: Raster<UInt8>, matte: Raster<UInt8>, strength: Double) throws -> Raster<UInt8> {
    guard (0...1).contains(strength) else { throw MattingError.strengthOutOfRange(strength) }
    let radius = discRadius(strength: strength, size: matte.size)
    if radius < StageConstants.smallestRadius { return image }
    let reduction = max(1, radius / StageConstants.workingRadius)
    let size = PixelSize(
        width: max(1, Int((Double(matte.width) / reduction).rounded(.toNearestOrEven))),
        height: max(1, Int((Double(matte.height) / reduction).rounded(.toNearestOrEven))))
    try Task.checkCancellation()
    let (light, weight) = backgroundLight(image: image, matte: matte, size: size)
    let blurred = codes(
        of: discBlur(light: light, weight: weight, width: size.width, height: size.height, radius: radius / reduction),
        size)
    var result = try estimateForeground(image: image, matte: matte)
    try compose(&result, matte: matte, over: blurred)
    return result
}

/// Radius of the disc in pixels, for a blur strength in 0...1 and a picture of `size`.
package func discRadius(strength: Double, size: PixelSize) -> Double {
    strength * StageConstants.largestRadius * Double(max(size.width, size.height))
}

/// Weighted mean of light over a disc: three planes of height * width numbers.
///
/// `light` holds three planes, premultiplied by `weight`, the weight of each pixel as background. Inside the person,
/// where the disc holds less than `least` of its area in weight, `fillBackground` supplies what is missing. Its part
/// grows gradually, so there is no seam.
package func discBlur(light: [[Float]], weight: [Float], width: Int, height: Int, radius: Double) -> [[Float]] {
    let enough = Float(StageConstants.least * Double.pi * (radius + 0.5) * (radius + 0.5))
    let counted = discSum(weight, width: width, height: height, radius: radius)
    let filled = fillBackground(light: light, weight: weight, width: width, height: height)
    return zip(light, filled).map { plane, fill in
        let sum = discSum(plane, width: width, height: height, radius: radius)
        return sum.indices.map { i in
            (sum[i] + max(enough - counted[i], 0) * fill[i]) / max(counted[i], enough)
        }
    }
}

/// Sum of a plane over a disc with soft borders: one horizontal run for each of its rows, computed with running sums.
private func discSum(_ plane: [Float], width: Int, height: Int, radius: Double) -> [Float] {
    let reach = Int(radius.rounded(.up)) + 1
    var sums = [Double](repeating: 0, count: height * (width + 1))
    for y in 0..<height {
        for x in 0..<width { sums[y * (width + 1) + x + 1] = sums[y * (width + 1) + x] + Double(plane[y * width + x]) }
    }
    var result = [Double](repeating: 0, count: plane.count)
    sums.withUnsafeBufferPointer { sums in
        result.withUnsafeMutableBufferPointer { result in
            for dy in -reach...reach {
                let half = max(0, (radius + 0.5) * (radius + 0.5) - Double(dy * dy)).squareRoot() - 0.5
                if half < 0 { continue }
                let whole = Int(half)
                let rest = half - Double(whole)
                for y in max(0, -dy)..<max(0, -dy, min(height, height - dy)) {
                    let row = (y + dy) * (width + 1)
                    for x in 0..<width {
                        let inner = sums[row + min(width, x + whole + 1)] - sums[row + max(0, x - whole)]
                        let outer = sums[row + min(width, x + whole + 2)] - sums[row + max(0, x - whole - 1)]
                        result[y * width + x] += (1 - rest) * inner + rest * outer
                    }
                }
            }
        }
    }
    return result.map { Float($0) }
}

/// Background light, premultiplied by its weight, in three planes, and the weight, reduced to `size`.
///
/// Light must be averaged before it is encoded again, so this runs at full resolution, strip by strip.
private func backgroundLight(
    image: Raster<UInt8>, matte: Raster<UInt8>, size: PixelSize
) -> (light: [[Float]], weight: [Float]) {
    let scale = Double(matte.height) / Double(size.height)
    let rows = max(1, Int(Double(strip) / scale))
    var sums = Raster<Float>(width: size.width, height: size.height, channels: 4, filledWith: 0)
    for y in stride(from: 0, to: size.height, by: rows) {
        let stop = min(y + rows, size.height)
        let top = Int(Double(y) * scale)
        let bottom = min(matte.height, Int((Double(stop) * scale).rounded(.up)))
        var part = Raster<Float>(width: matte.width, height: bottom - top, channels: 4, filledWith: 0)
        part.values.withUnsafeMutableBufferPointer { part in
            for i in 0..<matte.width * (bottom - top) {
                let at = top * matte.width + i
                let share = shareOfCode[Int(matte.values[at])]
                for c in 0..<3 { part[4 * i + c] = lightOfCode[Int(image.values[3 * at + c])] * share }
                part[4 * i + 3] = share
            }
        }
        let box = PixelBox(
            left: 0, top: Double(y) * scale - Double(top), right: Double(matte.width),
            bottom: min(Double(stop) * scale - Double(top), Double(bottom - top)))
        sums.paste(part.resized(to: PixelSize(width: size.width, height: stop - y), .box, box: box), left: 0, top: y)
    }
    let plane = { (c: Int) in (0..<size.width * size.height).map { sums.values[4 * $0 + c] } }
    return ((0..<3).map(plane), plane(3))
}

/// Encode light as 8-bit sRGB codes: the inverse of `lightOfCode`.
private func codes(of light: [[Float]], _ size: PixelSize) -> Raster<UInt8> {
    var picture = Raster<UInt8>(width: size.width, height: size.height, channels: 3, filledWith: 0)
    for (c, plane) in light.enumerated() {
        for (i, x) in plane.enumerated() { picture.values[3 * i + c] = code(of: x) }
    }
    return picture
}

private func code(of light: Float) -> UInt8 {
    var (low, high) = (0, 255)
    if light >= lightOfCode[high] { return 255 }
    if light <= lightOfCode[low] { return 0 }
    while high - low > 1 {
        let middle = (low + high) / 2
        if lightOfCode[middle] <= light { low = middle } else { high = middle }
    }
    let between = Double(light - lightOfCode[low]) / Double(lightOfCode[high] - lightOfCode[low])
    return UInt8(Double(low) + between + 0.5)
}
