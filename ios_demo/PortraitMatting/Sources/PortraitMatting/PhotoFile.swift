import CoreGraphics
import Foundation
import ImageIO
import MattingCore
import UniformTypeIdentifiers

#if canImport(os)
    import os
#endif

/// Photos as files: read upright, and no larger than memory allows; written with their colour profile.
public enum PhotoFile {
    /// The upright picture in some data, and whether it was decoded smaller than it is because memory is short.
    ///
    /// megapixels: no more than so many; by default what fits into the memory that the app may still use. Throws
    /// `MattingError.photoUnreadable` for what is no picture, or is damaged.
    public static func decode(_ data: Data, megapixels: Double? = nil) throws -> (image: CGImage, isSmaller: Bool) {
        guard
            let source = CGImageSourceCreateWithData(data as CFData, nil),
            let facts = CGImageSourceCopyPropertiesAtIndex(source, 0, nil) as? [CFString: Any],
            let width = facts[kCGImagePropertyPixelWidth] as? Int,
            let height = facts[kCGImagePropertyPixelHeight] as? Int, width > 0, height > 0
        else { throw MattingError.photoUnreadable }
        let stored = Size(width: width, height: height)
        let limit = megapixels ?? Memory.megapixels(available: availableMemory())
        let size = Memory.size(of: stored, megapixels: limit)
        // A "thumbnail" as large as the photo is the photo, turned upright by ImageIO.
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

    /// PNG, which keeps transparency, or JPEG of quality 92 %. Throws `MattingError.photoUnreadable` where the picture
    /// cannot be encoded.
    public static func encode(_ image: CGImage, as type: UTType) throws -> Data {
        let data = NSMutableData()
        let kind = type.identifier as CFString
        guard let file = CGImageDestinationCreateWithData(data as CFMutableData, kind, 1, nil) else {
            throw MattingError.photoUnreadable
        }
        CGImageDestinationAddImage(file, image, [kCGImageDestinationLossyCompressionQuality: 0.92] as CFDictionary)
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
