// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.
@_exported import CoreVideo
import Foundation

public class VNRequest {}
public final class VNPixelBufferObservation { public var pixelBuffer: CVPixelBuffer { CVPixelBuffer() } }

public final class VNGeneratePersonSegmentationRequest: VNRequest {
    public enum QualityLevel: UInt { case accurate, balanced, fast }
    override public init() {}
    public var qualityLevel = QualityLevel.accurate
    public var outputPixelFormat: OSType = 0
    public var results: [VNPixelBufferObservation]? { nil }
}

public struct VNImageOption: Hashable {}

public final class VNImageRequestHandler {
    public init(cvPixelBuffer: CVPixelBuffer, options: [VNImageOption: Any]) {}
    public func perform(_ requests: [VNRequest]) throws {}
}
