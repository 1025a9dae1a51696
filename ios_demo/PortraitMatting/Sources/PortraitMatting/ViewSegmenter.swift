import CoreVideo
import MattingCore

/// What finds the person in a view for `LiveRenderer`: PSPM's network in `CoreMLEngine`, or another segmenter that an app
/// compares it with.
public protocol ViewSegmenter: Sendable {
    /// The size to which a frame must be resized.
    func inputSize(for photo: PixelSize) -> PixelSize

    /// Return the alpha, in 0...1 and of the view's size, of a view in a 32-bit BGRA buffer of a size that `inputSize`
    /// returned. Blocks until it is done.
    func alpha(of view: CVPixelBuffer) throws -> Raster<Float>
}
