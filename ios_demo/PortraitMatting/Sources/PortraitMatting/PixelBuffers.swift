import CoreVideo
import MattingCore

/// Pixel buffers, which Core ML, Metal and the camera share without copies.
enum PixelBuffers {
    static func make(_ size: PixelSize) throws -> CVPixelBuffer {
        let attributes: [CFString: Any] = [
            kCVPixelBufferIOSurfacePropertiesKey: [String: Any](),
            kCVPixelBufferMetalCompatibilityKey: true,
        ]
        var buffer: CVPixelBuffer?
        let status = CVPixelBufferCreate(
            nil, size.width, size.height, kCVPixelFormatType_32BGRA, attributes as CFDictionary, &buffer)
        guard status == kCVReturnSuccess, let buffer else {
            throw MattingError.inferenceFailed("a pixel buffer could not be allocated (\(status))")
        }
        return buffer
    }

    /// Write an RGB picture to a 32-bit BGRA buffer of its size.
    static func write(_ picture: Raster<UInt8>, to buffer: CVPixelBuffer) throws {
        try access(buffer, for: []) { base, bytesPerRow in
            for y in 0..<picture.height {
                for x in 0..<picture.width {
                    let from = 3 * (y * picture.width + x)
                    let to = base + y * bytesPerRow + 4 * x
                    to.storeBytes(of: picture.values[from + 2], as: UInt8.self)
                    to.storeBytes(of: picture.values[from + 1], toByteOffset: 1, as: UInt8.self)
                    to.storeBytes(of: picture.values[from], toByteOffset: 2, as: UInt8.self)
                    to.storeBytes(of: 255, toByteOffset: 3, as: UInt8.self)
                }
            }
        }
    }

    /// Read the alpha in a buffer of 16-bit floats. Throws `MattingError.modelUnsupported` for another format.
    static func readAlpha(_ buffer: CVPixelBuffer) throws -> Raster<Float> {
        guard CVPixelBufferGetPixelFormatType(buffer) == kCVPixelFormatType_OneComponent16Half else {
            throw MattingError.modelUnsupported("its alpha must be an image of 16-bit floats")
        }
        var alpha = Raster<Float>(
            width: CVPixelBufferGetWidth(buffer), height: CVPixelBufferGetHeight(buffer), filledWith: 0)
        try access(buffer, for: .readOnly) { base, bytesPerRow in
            for y in 0..<alpha.height {
                for x in 0..<alpha.width {
                    let bits = base.load(fromByteOffset: y * bytesPerRow + 2 * x, as: UInt16.self)
                    alpha.values[y * alpha.width + x] = min(1, max(0, float(ofHalf: bits)))
                }
            }
        }
        return alpha
    }

    /// Read a buffer of one byte for each pixel. Throws `MattingError.inferenceFailed` for another format.
    static func readGrey(_ buffer: CVPixelBuffer) throws -> Raster<UInt8> {
        guard CVPixelBufferGetPixelFormatType(buffer) == kCVPixelFormatType_OneComponent8 else {
            throw MattingError.inferenceFailed("a mask has another format than was asked for")
        }
        var grey = Raster<UInt8>(
            width: CVPixelBufferGetWidth(buffer), height: CVPixelBufferGetHeight(buffer), filledWith: 0)
        try access(buffer, for: .readOnly) { base, bytesPerRow in
            for y in 0..<grey.height {
                for x in 0..<grey.width {
                    grey.values[y * grey.width + x] = base.load(fromByteOffset: y * bytesPerRow + x, as: UInt8.self)
                }
            }
        }
        return grey
    }

    private static func access(
        _ buffer: CVPixelBuffer, for flags: CVPixelBufferLockFlags,
        _ body: (UnsafeMutableRawPointer, _ bytesPerRow: Int) -> Void
    ) throws {
        CVPixelBufferLockBaseAddress(buffer, flags)
        defer { CVPixelBufferUnlockBaseAddress(buffer, flags) }
        guard let base = CVPixelBufferGetBaseAddress(buffer) else {
            throw MattingError.inferenceFailed("the memory of a pixel buffer is not accessible")
        }
        body(base, CVPixelBufferGetBytesPerRow(buffer))
    }
}
