/// Pixels in rows from the top, with interleaved channels.
///
/// A picture is a `Raster<UInt8>` with 3 channels (RGB, 0...255), a matte a `Raster<UInt8>` with 1 channel, and a
/// network's alpha a `Raster<Float>` with 1 channel, in 0...1.
public struct Raster<Value: Sendable>: Sendable {
    public let width: Int
    public let height: Int
    public let channels: Int
    public var values: [Value]

    /// `values` must hold height * width * channels numbers.
    public init(width: Int, height: Int, channels: Int = 1, values: [Value]) {
        precondition(width > 0 && height > 0 && channels > 0, "a raster of \(width)x\(height)x\(channels)")
        precondition(values.count == width * height * channels, "\(values.count) values")
        self.width = width
        self.height = height
        self.channels = channels
        self.values = values
    }

    public init(width: Int, height: Int, channels: Int = 1, filledWith value: Value) {
        self.init(
            width: width, height: height, channels: channels,
            values: [Value](repeating: value, count: width * height * channels))
    }

    public var size: PixelSize { PixelSize(width: width, height: height) }

    /// The part from (left, top) up to but not including (right, bottom).
    package func cropped(to place: PixelPlace) -> Raster {
        precondition(place.left >= 0 && place.top >= 0 && place.right <= width && place.bottom <= height)
        var part: [Value] = []
        part.reserveCapacity(place.width * place.height * channels)
        for y in place.top..<place.bottom {
            let start = (y * width + place.left) * channels
            part += values[start..<start + place.width * channels]
        }
        return Raster(width: place.width, height: place.height, channels: channels, values: part)
    }

    /// Copy another raster with the same channels into this one, with its top left corner at (left, top).
    package mutating func paste(_ part: Raster, left: Int, top: Int) {
        precondition(part.channels == channels && left + part.width <= width && top + part.height <= height)
        let length = part.width * channels
        for y in 0..<part.height {
            let start = ((top + y) * width + left) * channels
            values.replaceSubrange(start..<start + length, with: part.values[y * length..<(y + 1) * length])
        }
    }
}

extension Raster: Equatable where Value: Equatable {}

/// Width and height in pixels.
public struct PixelSize: Codable, Equatable, Hashable, Sendable {
    public let width: Int
    public let height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}

/// A rectangle of whole pixels; right and bottom are exclusive.
package struct PixelPlace: Equatable, Sendable {
    package let left: Int
    package let top: Int
    package let right: Int
    package let bottom: Int

    package init(left: Int, top: Int, right: Int, bottom: Int) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
    }

    package var width: Int { right - left }
    package var height: Int { bottom - top }
}

/// A rectangle with fractions of pixels.
package struct PixelBox: Equatable, Sendable {
    package let left: Double
    package let top: Double
    package let right: Double
    package let bottom: Double

    package init(left: Double, top: Double, right: Double, bottom: Double) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
    }

    /// The whole of a raster.
    package init(_ size: PixelSize) {
        self.init(left: 0, top: 0, right: Double(size.width), bottom: Double(size.height))
    }

    package var width: Double { right - left }
    package var height: Double { bottom - top }
}
