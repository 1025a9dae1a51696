/// Runs a network: takes the view of a photo and returns its alpha.
public protocol Engine: Sendable {
    var bundle: ModelBundle { get }

    /// The size to which a photo must be resized for the network.
    func inputSize(for photo: PixelSize) -> PixelSize

    /// Return the network's alpha, in 0...1 and of the view's size, for an RGB view of a size that `inputSize`
    /// returned.
    func alpha(of view: Raster<UInt8>) async throws -> Raster<Float>
}
