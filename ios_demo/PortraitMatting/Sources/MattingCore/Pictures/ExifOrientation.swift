/// How to turn a stored picture upright. The raw values are those of EXIF.
package enum ExifOrientation: Int, CaseIterable, Sendable {
    case up = 1
    case upMirrored, down, downMirrored, leftMirrored, right, rightMirrored, left

    /// Whether width and height are swapped.
    package var isSideways: Bool { rawValue >= 5 }

    /// The position in the stored picture of the upright picture's pixel (x, y).
    func source(x: Int, y: Int, stored: PixelSize) -> (x: Int, y: Int) {
        let (right, bottom) = (stored.width - 1, stored.height - 1)
        switch self {
        case .up: return (x, y)
        case .upMirrored: return (right - x, y)
        case .down: return (right - x, bottom - y)
        case .downMirrored: return (x, bottom - y)
        case .leftMirrored: return (y, x)
        case .right: return (y, bottom - x)
        case .rightMirrored: return (right - y, bottom - x)
        case .left: return (right - y, x)
        }
    }
}

extension Raster {
    /// The stored picture, turned upright.
    package func upright(_ orientation: ExifOrientation) -> Raster {
        let turned = orientation.isSideways ? PixelSize(width: height, height: width) : size
        var upright: [Value] = []
        upright.reserveCapacity(values.count)
        for y in 0..<turned.height {
            for x in 0..<turned.width {
                let from = orientation.source(x: x, y: y, stored: size)
                let start = (from.y * width + from.x) * channels
                upright += values[start..<start + channels]
            }
        }
        return Raster(width: turned.width, height: turned.height, channels: channels, values: upright)
    }
}
