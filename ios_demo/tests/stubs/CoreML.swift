// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.
import CoreVideo
import Foundation

public enum MLComputeUnits { case cpuOnly, cpuAndGPU, all, cpuAndNeuralEngine }

public final class MLModelConfiguration {
    public init() {}
    public var computeUnits: MLComputeUnits = .all
}

public final class MLFeatureValue {
    public init(pixelBuffer: CVPixelBuffer) {}
    public var imageBufferValue: CVPixelBuffer? { nil }
}

public protocol MLFeatureProvider: AnyObject {
    func featureValue(for name: String) -> MLFeatureValue?
}

public final class MLDictionaryFeatureProvider: MLFeatureProvider {
    public init(dictionary: [String: Any]) throws {}
    public func featureValue(for name: String) -> MLFeatureValue? { nil }
}

public final class MLModel {
    public init(contentsOf url: URL, configuration: MLModelConfiguration) throws {}
    public static func compileModel(at url: URL) throws -> URL { url }
    public func prediction(from input: MLFeatureProvider) throws -> MLFeatureProvider { input }
}
