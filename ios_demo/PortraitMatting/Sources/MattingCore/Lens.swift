import Foundation

// Depth of field: the background as a wide lens would draw it, behind a sharp person.

private let largestRadius = 0.035
private let smallestRadius = 0.5
private let workingRadius = 12.0
private let least = 0.1
private let softShare = 1e-3
private let highlightGain = 6.0
private let highlightKnee = 0.75
private let strip = 256

/// Light of every 8-bit sRGB code. Highlights were brighter than the white they were clipped to: giving some of it back
/// lets a small one bloom into a disc. The same curve leads back, so that an even sky comes out as it went in.
private let lightOfCode: [Float] = (0..<256).map { code in
    let x = Double(code) / 255
    let linear = x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4)
    let knee = min(1, max(0, (x - highlightKnee) / (1 - highlightKnee)))
    return Float(linear * (1 + highlightGain * knee * knee))
}

/// What a pixel of this matte counts as background. What holds any of the person has not the background's colour: it
/// counts only where a photo holds nothing else.
private let shareOfCode: [Float] = (0..<256).map { code in
    let x = Double(code) / 255
    return Float((1 - x) * (x > 0.05 ? softShare : 1))
}

/// The photo with its background out of focus.
///
/// strength: 0 leaves the photo alone, 1 blurs with a disc of radius 3.5 % of the photo's longer side. The disc gathers,
/// in linear light, pixels without a share of the person, and hardly any of others, so the person neither bleeds into
/// the background nor leaves a halo; the person's own colours are estimated and laid over it.
public func blurBackground(image: Raster<UInt8>, matte: Raster<UInt8>, strength: Double) throws -> Raster<UInt8> {
    guard (0...1).contains(strength) else { throw MattingError.strengthOutOfRange(strength) }
    let radius = strength * largestRadius * Double(max(matte.width, matte.height))
    if radius < smallestRadius { return image }
    let reduction = max(1, radius / workingRadius)
    let size = Size(
        width: max(1, Int((Double(matte.width) / reduction).rounded(.toNearestOrEven))),
        height: max(1, Int((Double(matte.height) / reduction).rounded(.toNearestOrEven))))
    let (light, weight) = backgroundLight(image: image, matte: matte, size: size)
    let blurred = codes(
        of: discBlur(light: light, weight: weight, width: size.width, height: size.height, radius: radius / reduction),
        size)
    var result = estimateForeground(image: image, matte: matte)
    layOver(&result, matte: matte, picture: blurred)
    return result
}

/// Mean of premultiplied light, three planes, over a disc, where weight says how much each pixel counts.
///
/// Where less than `least` of the disc counts, which is inside the person, light spread from farther away makes up for
/// the rest: the less the disc sees, the more, so that there is no seam.
public func discBlur(light: [[Float]], weight: [Float], width: Int, height: Int, radius: Double) -> [[Float]] {
    let enough = Float(least * Double.pi * (radius + 0.5) * (radius + 0.5))
    let counted = discSum(weight, width: width, height: height, radius: radius)
    let afar = spread(light: light, weight: weight, width: width, height: height)
    return zip(light, afar).map { plane, far in
        let sum = discSum(plane, width: width, height: height, radius: radius)
        return sum.indices.map { i in
            (sum[i] + max(enough - counted[i], 0) * far[i]) / max(counted[i], enough)
        }
    }
}

/// Sum of a plane over a disc with soft borders: for each of its rows a horizontal run, by running sums.
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

/// Mean light of the background, premultiplied by its share, in three planes, and that share, at a smaller size.
///
/// Strip by strip at full resolution, since light must be averaged before it is encoded again.
private func backgroundLight(
    image: Raster<UInt8>, matte: Raster<UInt8>, size: Size
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
        let box = Box(
            left: 0, top: Double(y) * scale - Double(top), right: Double(matte.width),
            bottom: min(Double(stop) * scale - Double(top), Double(bottom - top)))
        sums.paste(part.resized(to: Size(width: size.width, height: stop - y), .box, box: box), left: 0, top: y)
    }
    let plane = { (c: Int) in (0..<size.width * size.height).map { sums.values[4 * $0 + c] } }
    return ((0..<3).map(plane), plane(3))
}

/// Light back to 8-bit sRGB codes, along the curve by which it came.
private func codes(of light: [[Float]], _ size: Size) -> Raster<UInt8> {
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
