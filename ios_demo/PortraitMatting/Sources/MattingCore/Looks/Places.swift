// Rectangles of people, in pixels of a photo or a matte.

extension PixelSize {
    var area: Double { Double(width) * Double(height) }

    /// The place of a whole photo of this size.
    var whole: PixelPlace { PixelPlace(left: 0, top: 0, right: width, bottom: height) }
}

extension PixelPlace {
    var area: Double { Double(width) * Double(height) }
    var longer: Int { max(width, height) }
    var numbers: [Int] { [left, top, right, bottom] }

    /// The place around two.
    func union(_ other: PixelPlace) -> PixelPlace {
        PixelPlace(
            left: min(left, other.left), top: min(top, other.top), right: max(right, other.right),
            bottom: max(bottom, other.bottom))
    }

    /// Whether two have pixels in common.
    func overlaps(_ other: PixelPlace) -> Bool {
        left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }

    /// What two have in common, as a share of what they cover.
    func shared(_ other: PixelPlace) -> Double {
        let wide = Double(max(0, min(right, other.right) - max(left, other.left)))
        let high = Double(max(0, min(bottom, other.bottom) - max(top, other.top)))
        return wide * high / (area + other.area - wide * high)
    }

    /// A place in a matte, in pixels of what it is a matte of.
    func enlarged(from matte: PixelSize, to size: PixelSize) -> PixelPlace {
        PixelPlace(
            left: floorDivided(left * size.width, matte.width), top: floorDivided(top * size.height, matte.height),
            right: -floorDivided(-right * size.width, matte.width),
            bottom: -floorDivided(-bottom * size.height, matte.height))
    }

    /// With `personMargin` around it, as far as a photo goes.
    func widened(in size: PixelSize) -> PixelPlace {
        let space = rounded(StageConstants.personMargin * Double(longer))
        return PixelPlace(
            left: max(0, left - space), top: max(0, top - space), right: min(size.width, right + space),
            bottom: min(size.height, bottom + space))
    }

    /// Whether it holds the middle of another one.
    func holdsCentre(of other: PixelPlace) -> Bool {
        let (x, y) = (floorDivided(other.left + other.right, 2), floorDivided(other.top + other.bottom, 2))
        return left <= x && x < right && top <= y && y < bottom
    }
}

/// Divided and rounded down.
func floorDivided(_ x: Int, _ y: Int) -> Int { x >= 0 ? x / y : -((y - 1 - x) / y) }

/// Rounded as Python does.
func rounded(_ x: Double) -> Int { Int(x.rounded(.toNearestOrEven)) }

extension Raster where Value == Float {
    var mean: Double { values.reduce(0.0) { $0 + Double($1) } / Double(values.count) }

    /// The mean of how far each value is from 0 and 1.
    var meanDistance: Double { values.reduce(0.0) { $0 + Double(min($1, 1 - $1)) } / Double(values.count) }

    /// With a value made of each one and its place.
    func mapped(_ of: (Float, Int) -> Float) -> Raster {
        Raster(width: width, height: height, values: values.indices.map { of(values[$0], $0) })
    }

    /// The largest value in a place.
    func largest(in place: PixelPlace) -> Float {
        var most: Float = 0
        for y in place.top..<place.bottom {
            for x in place.left..<place.right { most = max(most, values[y * width + x]) }
        }
        return most
    }

    /// The mean of all values in a place.
    func mean(in place: PixelPlace, of value: (Float) -> Float = { $0 }) -> Double {
        var sum = 0.0
        for y in place.top..<place.bottom {
            for x in place.left..<place.right { sum += Double(value(values[y * width + x])) }
        }
        return sum / place.area
    }

    /// The part in a place of what this is a plane of, of a size, resized bilinearly.
    func part(_ place: PixelPlace, of size: PixelSize, resizedTo shape: PixelSize) -> Raster {
        let (across, down) = (Double(width) / Double(size.width), Double(height) / Double(size.height))
        let box = PixelBox(
            left: Double(place.left) * across, top: Double(place.top) * down,
            right: min(Double(place.right) * across, Double(width)),
            bottom: min(Double(place.bottom) * down, Double(height)))
        return resized(to: shape, .bilinear, box: box)
    }
}

extension Raster {
    /// Turned by quarter turns, counter-clockwise.
    func turned(_ turn: Int) -> Raster {
        let turns = ((turn % 4) + 4) % 4
        if turns == 0 { return self }
        let (wide, high) = turns == 2 ? (width, height) : (height, width)
        var result: [Value] = []
        result.reserveCapacity(values.count)
        for y in 0..<high {
            for x in 0..<wide {
                let from: Int
                switch turns {
                case 1: from = x * width + width - 1 - y
                case 2: from = (height - 1 - y) * width + width - 1 - x
                default: from = (height - 1 - x) * width + y
                }
                result += values[from * channels..<(from + 1) * channels]
            }
        }
        return Raster(width: wide, height: high, channels: channels, values: result)
    }

    /// Mirrored left and right.
    var mirrored: Raster {
        var result: [Value] = []
        result.reserveCapacity(values.count)
        for y in 0..<height {
            for x in (0..<width).reversed() {
                result += values[(y * width + x) * channels..<(y * width + x + 1) * channels]
            }
        }
        return Raster(width: width, height: height, channels: channels, values: result)
    }
}
