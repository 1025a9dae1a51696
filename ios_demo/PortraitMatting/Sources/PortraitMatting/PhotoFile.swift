import CoreGraphics
import Foundation
import ImageIO
import MattingCore
import UniformTypeIdentifiers

#if canImport(os)
    import os
#endif

/// Reads photos upright and no larger than memory allows, and writes them with their colour profile.
public enum PhotoFile {
    /// JPEG quality, from 0 to 1.
    private static let quality = 0.92

    /// Decode a picture upright, and tell whether it was reduced because memory is low.
    ///
    /// `megapixels` is the upper limit, by default what fits into the memory that the app may still use. Throws
    /// `MattingError.photoUnreadable` if the data is not a picture or is damaged.
    public static func decode(_ data: Data, megapixels: Double? = nil) throws -> (image: CGImage, isSmaller: Bool) {
        guard
            let source = CGImageSourceCreateWithData(data as CFData, nil),
            let facts = CGImageSourceCopyPropertiesAtIndex(source, 0, nil) as? [CFString: Any],
            let width = facts[kCGImagePropertyPixelWidth] as? Int,
            let height = facts[kCGImagePropertyPixelHeight] as? Int, width > 0, height > 0
        else { throw MattingError.photoUnreadable }
        let stored = PixelSize(width: width, height: height)
        let limit = megapixels ?? DeviceMemory.megapixels(available: availableMemory())
        let size = DeviceMemory.size(of: stored, megapixels: limit)
        // A thumbnail with the photo's own size is the photo itself, turned upright by ImageIO.
        let options: [CFString: Any] = [
            kCGImageSourceCreateThumbnailFromImageAlways: true,
            kCGImageSourceCreateThumbnailWithTransform: true,
            kCGImageSourceThumbnailMaxPixelSize: max(size.width, size.height),
        ]
        guard let image = CGImageSourceCreateThumbnailAtIndex(source, 0, options as CFDictionary) else {
            throw MattingError.photoUnreadable
        }
        return (image, size != stored)
    }

    /// Encode a picture as PNG, which keeps transparency, or as JPEG. Throws `MattingError.photoUnreadable` if it
    /// cannot be encoded.
    public static func encode(_ image: CGImage, as type: UTType) throws -> Data {
        let data = NSMutableData()
        let kind = type.identifier as CFString
        guard let file = CGImageDestinationCreateWithData(data as CFMutableData, kind, 1, nil) else {
            throw MattingError.photoUnreadable
        }
        CGImageDestinationAddImage(file, image, [kCGImageDestinationLossyCompressionQuality: quality] as CFDictionary)
        guard CGImageDestinationFinalize(file) else { throw MattingError.photoUnreadable }
        return Data(referencing: data)
    }

    private static func availableMemory() -> Int {
        #if os(iOS)
            return os_proc_available_memory()
        #else
            return Int(ProcessInfo.processInfo.physicalMemory / 2)
        #endif
    }
}
