import CoreVideo
import Foundation
import MattingCore
import Vision

/// Apple's own person segmentation, to compare with.
///
/// It sees the same view as PSPM's network, and its mask is resized to that view.
public final class VisionSegmenter: ViewSegmenter, @unchecked Sendable {
    /// How results name it.
    public static let name = "VNGeneratePersonSegmentationRequest, balanced"

    private let size: InputSize
    private let request = VNGeneratePersonSegmentationRequest()
    private let turn = NSLock()

    /// size: of the views, which is that of the network beside it.
    public init(size: InputSize) {
        self.size = size
        request.qualityLevel = .balanced
        request.outputPixelFormat = kCVPixelFormatType_OneComponent8
    }

    public func inputSize(for photo: PixelSize) -> PixelSize { size.fit(photo) }

    public func alpha(of view: CVPixelBuffer) throws -> Raster<Float> {
        turn.lock()
        defer { turn.unlock() }
        do {
            try VNImageRequestHandler(cvPixelBuffer: view, options: [:]).perform([request])
        } catch {
            throw MattingError.inferenceFailed(error.localizedDescription)
        }
        guard let mask = request.results?.first?.pixelBuffer else {
            throw MattingError.inferenceFailed("Vision returned no mask")
        }
        let size = PixelSize(width: CVPixelBufferGetWidth(view), height: CVPixelBufferGetHeight(view))
        let grey = try PixelBuffers.readGrey(mask).resized(to: size, .bilinear)
        return Raster(width: size.width, height: size.height, values: grey.values.map { Float($0) / 255 })
    }
}
