/// Limits the size of photos, so that the system does not terminate the app for its memory use.
package enum DeviceMemory {
    /// Peak memory per pixel of the photo: the decoded photo, its RGB copy, matte and foreground, and the result as RGB
    /// and as shown.
    static let bytesPerPixel = 24
    /// Bytes left to the rest of the app.
    static let reserve = 150_000_000

    /// Megapixels that fit into the available bytes, at least 1.
    package static func megapixels(available bytes: Int) -> Double {
        max(1, Double(bytes - reserve) / Double(bytesPerPixel) / 1e6)
    }

    /// The size at which to decode a photo: its own, or reduced in proportion to at most so many megapixels.
    package static func size(of photo: PixelSize, megapixels: Double) -> PixelSize {
        let scale = min(1, (megapixels * 1e6 / Double(photo.width * photo.height)).squareRoot())
        return PixelSize(
            width: max(1, Int(Double(photo.width) * scale)), height: max(1, Int(Double(photo.height) * scale)))
    }
}
