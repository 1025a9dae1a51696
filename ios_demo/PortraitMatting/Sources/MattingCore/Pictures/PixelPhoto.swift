/// An upright photo: RGB, and its own transparency if it has any.
public struct PixelPhoto: Sendable {
    public let image: Raster<UInt8>
    public let transparency: Raster<UInt8>?

    public init(image: Raster<UInt8>, transparency: Raster<UInt8>? = nil) {
        precondition(image.channels == 3 && (transparency.map { $0.size == image.size && $0.channels == 1 } ?? true))
        self.image = image
        self.transparency = transparency
    }
}
