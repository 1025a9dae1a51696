/// How large a photo may be worked on, so that the system does not end the app.
public enum Memory {
    /// Bytes at the peak of an effect for every pixel of the photo: the photo as decoded, as RGB, its matte, its
    /// foreground, and the result as RGB and as it is shown.
    static let bytesPerPixel = 24
    static let reserve = 150_000_000

    /// Megapixels that fit into so many bytes of available memory, at least one.
    public static func megapixels(available bytes: Int) -> Double {
        max(1, Double(bytes - reserve) / Double(bytesPerPixel) / 1e6)
    }

    /// The size at which to decode a photo: its own, or smaller by a factor if it has more megapixels than that.
    public static func size(of photo: Size, megapixels: Double) -> Size {
        let scale = min(1, (megapixels * 1e6 / Double(photo.width * photo.height)).squareRoot())
        return Size(
            width: max(1, Int(Double(photo.width) * scale)), height: max(1, Int(Double(photo.height) * scale)))
    }
}
