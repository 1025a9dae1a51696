import CoreGraphics
import Foundation
import MattingCore

/// A picture and the colour space of its values, which every result keeps.
public struct PhotoBitmap: Sendable {
    public let photo: PixelPhoto
    public let colourSpace: CGColorSpace

    /// Redraw a picture as 8-bit RGB in a colour space: by default its own, or sRGB if its own is not an RGB space.
    ///
    /// Throws `MattingError.photoUnreadable` if there is not enough memory or the picture is empty.
    public init(_ image: CGImage, in space: CGColorSpace? = nil) throws {
        let own = image.colorSpace.flatMap { $0.model == .rgb && $0.supportsOutput ? $0 : nil }
        let candidates = [space ?? own, CGColorSpace(name: CGColorSpace.sRGB)].compactMap { $0 }
        let opaque = [.none, .noneSkipFirst, .noneSkipLast].contains(image.alphaInfo)
        for space in candidates {
            if let bytes = PhotoBitmap.draw(image, in: space) {
                photo = PhotoBitmap.photo(bytes, width: image.width, height: image.height, opaque: opaque)
                colourSpace = space
                return
            }
        }
        throw MattingError.photoUnreadable
    }

    /// Draw a picture as premultiplied RGBA; nil if there is no context for it.
    private static func draw(_ image: CGImage, in space: CGColorSpace) -> [UInt8]? {
        let (width, height) = (image.width, image.height)
        guard width > 0 && height > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 4 * width * height)
        let drawn = bytes.withUnsafeMutableBytes { buffer in
            guard
                let context = CGContext(
                    data: buffer.baseAddress, width: width, height: height, bitsPerComponent: 8,
                    bytesPerRow: 4 * width, space: space, bitmapInfo: CGImageAlphaInfo.premultipliedLast.rawValue)
            else { return false }
            context.draw(image, in: CGRect(x: 0, y: 0, width: width, height: height))
            return true
        }
        return drawn ? bytes : nil
    }

    private static func photo(_ rgba: [UInt8], width: Int, height: Int, opaque: Bool) -> PixelPhoto {
        var image = Raster<UInt8>(width: width, height: height, channels: 3, filledWith: 0)
        for i in 0..<width * height {
            let alpha = UInt32(rgba[4 * i + 3])
            for c in 0..<3 {
                let colour = rgba[4 * i + c]
                image.values[3 * i + c] =
                    alpha == 255 || alpha == 0 ? colour : UInt8(min(255, (UInt32(colour) * 255 + alpha / 2) / alpha))
            }
        }
        if opaque { return PixelPhoto(image: image) }
        let transparency = Raster(
            width: width, height: height, values: (0..<width * height).map { rgba[4 * $0 + 3] })
        return PixelPhoto(image: image, transparency: transparency)
    }
}

extension Raster where Value == UInt8 {
    /// Convert a picture with 1 (grey), 3 (RGB) or 4 (RGBA, straight alpha) channels. Grey pictures ignore `space`.
    func cgImage(in space: CGColorSpace) throws -> CGImage {
        let alpha: CGImageAlphaInfo = channels == 4 ? .last : .none
        guard
            let provider = CGDataProvider(data: Data(values) as CFData),
            let image = CGImage(
                width: width, height: height, bitsPerComponent: 8, bitsPerPixel: 8 * channels,
                bytesPerRow: width * channels, space: channels == 1 ? CGColorSpaceCreateDeviceGray() : space,
                bitmapInfo: CGBitmapInfo(rawValue: alpha.rawValue), provider: provider, decode: nil,
                shouldInterpolate: true, intent: .defaultIntent)
        else { throw MattingError.photoUnreadable }
        return image
    }
}
