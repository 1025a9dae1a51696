#if canImport(UIKit)
    import CoreGraphics
    import MattingCore
    import UIKit

    extension UIImage {
        /// Return the picture turned upright. `cgImage` alone is oriented as the camera stored it.
        ///
        /// Throws `MattingError.photoUnreadable` if the image has no pixels.
        public func upright() throws -> CGImage {
            guard let stored = cgImage else { throw MattingError.photoUnreadable }
            if imageOrientation == .up { return stored }
            let format = UIGraphicsImageRendererFormat()
            format.scale = 1
            let size = CGSize(width: size.width * scale, height: size.height * scale)
            let turned = UIGraphicsImageRenderer(size: size, format: format).image { _ in
                draw(in: CGRect(origin: .zero, size: size))
            }
            guard let upright = turned.cgImage else { throw MattingError.photoUnreadable }
            return upright
        }
    }
#endif
