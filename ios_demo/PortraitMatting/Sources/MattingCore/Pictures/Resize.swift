/// Resampling filters, as in Pillow.
///
/// Resizing takes two passes with a filter that widens as the picture shrinks; 8-bit pictures are rounded after each
/// pass. The networks were trained on pictures resized this way, so another filter costs accuracy.
package enum ResizeFilter: Sendable {
    case box, bilinear, bicubic

    var support: Double {
        switch self {
        case .box: 0.5
        case .bilinear: 1
        case .bicubic: 2
        }
    }

    func weight(at x: Double) -> Double {
        let distance = abs(x)
        switch self {
        case .box: return x > -0.5 && x <= 0.5 ? 1 : 0
        case .bilinear: return max(0, 1 - distance)
        case .bicubic:
            if distance < 1 { return (1.5 * distance - 2.5) * distance * distance + 1 }
            return distance < 2 ? ((-0.5 * distance + 2.5) * distance - 4) * distance + 2 : 0
        }
    }
}

extension Raster where Value == UInt8 {
    /// Resize the part `box`, by default the whole picture.
    package func resized(to size: PixelSize, _ filter: ResizeFilter, box: PixelBox? = nil) -> Raster {
        let box = box ?? PixelBox(self.size)
        let columns = Taps(input: width, from: box.left, to: box.right, output: size.width, filter)
        let rows = Taps(input: height, from: box.top, to: box.bottom, output: size.height, filter)
        // The first pass computes only the rows that the second one reads.
        let first = rows.starts.first ?? 0
        let last = (rows.starts.last ?? 0) + (rows.counts.last ?? 0)
        var narrow = Raster(width: size.width, height: last - first, channels: channels, filledWith: 0)
        columns.quantised.withUnsafeBufferPointer { weights in
            values.withUnsafeBufferPointer { source in
                narrow.values.withUnsafeMutableBufferPointer { target in
                    for y in first..<last {
                        for x in 0..<size.width {
                            let start = columns.starts[x]
                            for c in 0..<channels {
                                var sum: Int32 = 1 << (Taps.bits - 1)
                                var from = (y * width + start) * channels + c
                                for k in x * columns.stride..<x * columns.stride + columns.counts[x] {
                                    sum &+= Int32(source[from]) &* weights[k]
                                    from += channels
                                }
                                target[((y - first) * size.width + x) * channels + c] = clamped(sum >> Taps.bits)
                            }
                        }
                    }
                }
            }
        }
        var result = Raster(width: size.width, height: size.height, channels: channels, filledWith: 0)
        let length = size.width * channels
        rows.quantised.withUnsafeBufferPointer { weights in
            narrow.values.withUnsafeBufferPointer { source in
                result.values.withUnsafeMutableBufferPointer { target in
                    for y in 0..<size.height {
                        let start = rows.starts[y] - first
                        for i in 0..<length {
                            var sum: Int32 = 1 << (Taps.bits - 1)
                            for k in 0..<rows.counts[y] {
                                sum &+= Int32(source[(start + k) * length + i]) &* weights[y * rows.stride + k]
                            }
                            target[y * length + i] = clamped(sum >> Taps.bits)
                        }
                    }
                }
            }
        }
        return result
    }

    /// Resize, after a reduction by whole factors if the picture is at least four times too large.
    ///
    /// This gives nearly the same pixels as `resized` at much lower cost.
    package func shrunk(to size: PixelSize, _ filter: ResizeFilter) -> Raster {
        shrunk(to: size, filter, place: self.size.whole)
    }

    /// Shrink the part in a place. The filter sees the pixels around it too.
    func shrunk(to size: PixelSize, _ filter: ResizeFilter, place: PixelPlace) -> Raster {
        let factorX = max(1, place.width / size.width / StageConstants.reducingGap)
        let factorY = max(1, place.height / size.height / StageConstants.reducingGap)
        let box = PixelBox(
            left: Double(place.left), top: Double(place.top), right: Double(place.right), bottom: Double(place.bottom))
        if factorX == 1 && factorY == 1 { return resized(to: size, filter, box: box) }
        // As far as the filter reaches.
        let aroundX = (filter.support - 0.5) * box.width / Double(size.width)
        let aroundY = (filter.support - 0.5) * box.height / Double(size.height)
        let seen = PixelPlace(
            left: max(0, Int(box.left - aroundX)), top: max(0, Int(box.top - aroundY)),
            right: min(width, Int((box.right + aroundX).rounded(.up))),
            bottom: min(height, Int((box.bottom + aroundY).rounded(.up))))
        let reduced = (seen == self.size.whole ? self : cropped(to: seen)).reduced(by: factorX, factorY)
        let inReduced = PixelBox(
            left: (box.left - Double(seen.left)) / Double(factorX), top: (box.top - Double(seen.top)) / Double(factorY),
            right: (box.right - Double(seen.left)) / Double(factorX),
            bottom: (box.bottom - Double(seen.top)) / Double(factorY))
        return reduced.resized(to: size, filter, box: inReduced)
    }

    /// The mean of every cell of factorX * factorY pixels. The last cells of a row and column may be smaller.
    package func reduced(by factorX: Int, _ factorY: Int) -> Raster {
        let columns = (width + factorX - 1) / factorX
        let rows = (height + factorY - 1) / factorY
        var result = Raster(width: columns, height: rows, channels: channels, filledWith: 0)
        values.withUnsafeBufferPointer { source in
            for row in 0..<rows {
                for column in 0..<columns {
                    let bottom = min(height, (row + 1) * factorY)
                    let right = min(width, (column + 1) * factorX)
                    let count = UInt32((bottom - row * factorY) * (right - column * factorX))
                    // Divides by multiplying, with Pillow's rounding.
                    let multiplier = UInt64(Float(1 << 24) / Float(count))
                    for c in 0..<channels {
                        var sum = count / 2
                        for y in row * factorY..<bottom {
                            for x in column * factorX..<right {
                                sum += UInt32(source[(y * width + x) * channels + c])
                            }
                        }
                        result.values[(row * columns + column) * channels + c] = UInt8(
                            truncatingIfNeeded: (UInt64(sum) * multiplier) >> 24)
                    }
                }
            }
        }
        return result
    }

    /// Resize the part `box` by taking the nearest pixel.
    package func nearest(to size: PixelSize, box: PixelBox? = nil) -> Raster {
        let box = box ?? PixelBox(self.size)
        let columns = nearestIndices(from: box.left, to: box.right, output: size.width, input: width)
        let rows = nearestIndices(from: box.top, to: box.bottom, output: size.height, input: height)
        var result = Raster(width: size.width, height: size.height, channels: channels, filledWith: 0)
        values.withUnsafeBufferPointer { source in
            result.values.withUnsafeMutableBufferPointer { target in
                for y in 0..<size.height {
                    for x in 0..<size.width {
                        let from = (rows[y] * width + columns[x]) * channels
                        let to = (y * size.width + x) * channels
                        for c in 0..<channels { target[to + c] = source[from + c] }
                    }
                }
            }
        }
        return result
    }
}

extension Raster where Value == Float {
    /// Resize the part `box`, by default the whole picture.
    package func resized(to size: PixelSize, _ filter: ResizeFilter, box: PixelBox? = nil) -> Raster {
        let box = box ?? PixelBox(self.size)
        let columns = Taps(input: width, from: box.left, to: box.right, output: size.width, filter)
        let rows = Taps(input: height, from: box.top, to: box.bottom, output: size.height, filter)
        let first = rows.starts.first ?? 0
        let last = (rows.starts.last ?? 0) + (rows.counts.last ?? 0)
        var narrow = Raster(width: size.width, height: last - first, channels: channels, filledWith: 0)
        values.withUnsafeBufferPointer { source in
            narrow.values.withUnsafeMutableBufferPointer { target in
                for y in first..<last {
                    for x in 0..<size.width {
                        for c in 0..<channels {
                            var sum = 0.0
                            for k in 0..<columns.counts[x] {
                                let from = (y * width + columns.starts[x] + k) * channels + c
                                sum += Double(source[from]) * columns.weights[x * columns.stride + k]
                            }
                            target[((y - first) * size.width + x) * channels + c] = Float(sum)
                        }
                    }
                }
            }
        }
        var result = Raster(width: size.width, height: size.height, channels: channels, filledWith: 0)
        let length = size.width * channels
        narrow.values.withUnsafeBufferPointer { source in
            result.values.withUnsafeMutableBufferPointer { target in
                for y in 0..<size.height {
                    for i in 0..<length {
                        var sum = 0.0
                        for k in 0..<rows.counts[y] {
                            let from = (rows.starts[y] - first + k) * length + i
                            sum += Double(source[from]) * rows.weights[y * rows.stride + k]
                        }
                        target[y * length + i] = Float(sum)
                    }
                }
            }
        }
        return result
    }
}

/// For every output pixel along one axis, the input pixels it is computed from and their weights.
private struct Taps {
    static let bits: Int32 = 22

    let starts: [Int]
    let counts: [Int]
    let stride: Int
    let weights: [Double]

    init(input: Int, from: Double, to: Double, output: Int, _ filter: ResizeFilter) {
        // Pillow stores the box in single precision.
        let low = Float(from)
        let scale = Double(Float(to) - low) / Double(output)
        let widening = max(scale, 1)
        let support = filter.support * widening
        let stride = Int(support.rounded(.up)) * 2 + 1
        var starts: [Int] = []
        var counts: [Int] = []
        var weights = [Double](repeating: 0, count: output * stride)
        for i in 0..<output {
            let centre = Double(low) + (Double(i) + 0.5) * scale
            let start = max(0, Int(centre - support + 0.5))
            let stop = min(input, Int(centre + support + 0.5))
            var sum = 0.0
            for k in 0..<stop - start {
                let weight = filter.weight(at: (Double(k + start) - centre + 0.5) / widening)
                weights[i * stride + k] = weight
                sum += weight
            }
            if sum != 0 {
                for k in 0..<stop - start { weights[i * stride + k] /= sum }
            }
            starts.append(start)
            counts.append(stop - start)
        }
        self.starts = starts
        self.counts = counts
        self.stride = stride
        self.weights = weights
    }

    /// The weights as integers, in units of 2^-22.
    var quantised: [Int32] {
        weights.map { Int32($0 * Double(1 << Taps.bits) + ($0 < 0 ? -0.5 : 0.5)) }
    }
}

private func nearestIndices(from: Double, to: Double, output: Int, input: Int) -> [Int] {
    let low = Double(Float(from))
    let step = Double(Float(to) - Float(from)) / Double(output)
    var position = low + step * 0.5
    return (0..<output).map { _ in
        defer { position += step }
        return min(input - 1, max(0, Int(position)))
    }
}

@inline(__always)
func clamped(_ x: Int32) -> UInt8 { UInt8(truncatingIfNeeded: min(255, max(0, x))) }
