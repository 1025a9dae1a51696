import CoreML
import CoreVideo
import Foundation
import MattingCore

/// The processors that Core ML may use. The raw values are those of a benchmark's "delegate".
public enum ComputeUnits: String, CaseIterable, Sendable {
    case all
    case cpuAndNeuralEngine = "cpu+neural-engine"
    case cpuAndGPU = "cpu+gpu"
    case cpu

    var coreML: MLComputeUnits {
        switch self {
        case .all: return .all
        case .cpuAndNeuralEngine: return .cpuAndNeuralEngine
        case .cpuAndGPU: return .cpuAndGPU
        case .cpu: return .cpuOnly
        }
    }
}

/// Runs a bundle that `pspm export --format coreml` wrote.
///
/// Safe to use from several threads: a lock serialises the predictions, as Core ML requires.
public final class CoreMLEngine: Engine, ViewSegmenter, @unchecked Sendable {
    public let bundle: ModelBundle
    public let computeUnits: ComputeUnits

    private let model: MLModel
    private let turn = NSLock()
    private static let compiling = NSLock()

    /// Load the bundle in a folder.
    ///
    /// The first time takes about a second, because the package is compiled for the device. The compiled model is
    /// cached under the package's hash. Throws `MattingError` if the bundle is missing, damaged or not supported by
    /// Core ML here.
    public init(bundle folder: URL, computeUnits: ComputeUnits = .all) throws {
        bundle = try ModelBundle.open(folder)
        self.computeUnits = computeUnits
        guard bundle.format == "coreml" else {
            throw MattingError.modelUnsupported("its format is \(bundle.format ?? "onnx") and must be coreml")
        }
        guard bundle.input.layout == "image" && bundle.output.layout == "image" else {
            throw MattingError.modelUnsupported("its input and output must be images")
        }
        let configuration = MLModelConfiguration()
        configuration.computeUnits = computeUnits.coreML
        let package = folder.appendingPathComponent(bundle.file)
        let kept = try CoreMLEngine.cache().appendingPathComponent(bundle.sha256 + ".mlmodelc")
        CoreMLEngine.compiling.lock()
        defer { CoreMLEngine.compiling.unlock() }
        do {
            if let model = try? MLModel(contentsOf: kept, configuration: configuration) {
                self.model = model
            } else {
                // Not compiled yet, or compiled by an older version of the system.
                let compiled = try MLModel.compileModel(at: package)
                try? FileManager.default.removeItem(at: kept)
                try FileManager.default.moveItem(at: compiled, to: kept)
                self.model = try MLModel(contentsOf: kept, configuration: configuration)
            }
        } catch {
            throw MattingError.modelUnsupported(error.localizedDescription)
        }
    }

    public func inputSize(for photo: PixelSize) -> PixelSize { bundle.input.size.fit(photo) }

    public func alpha(of view: Raster<UInt8>) async throws -> Raster<Float> {
        let buffer = try PixelBuffers.make(view.size)
        try PixelBuffers.write(view, to: buffer)
        return try alpha(of: buffer)
    }

    public func alpha(of view: CVPixelBuffer) throws -> Raster<Float> {
        turn.lock()
        defer { turn.unlock() }
        do {
            let input = try MLDictionaryFeatureProvider(
                dictionary: [bundle.input.name: MLFeatureValue(pixelBuffer: view)])
            let output = try model.prediction(from: input)
            guard let image = output.featureValue(for: bundle.output.name)?.imageBufferValue else {
                throw MattingError.modelUnsupported("it has no output image named \(bundle.output.name)")
            }
            return try PixelBuffers.readAlpha(image)
        } catch let error as MattingError {
            throw error
        } catch {
            throw MattingError.inferenceFailed(error.localizedDescription)
        }
    }

    private static func cache() throws -> URL {
        do {
            let folder = try FileManager.default.url(
                for: .cachesDirectory, in: .userDomainMask, appropriateFor: nil, create: true
            ).appendingPathComponent("PortraitMatting")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            return folder
        } catch {
            throw MattingError.modelUnsupported(error.localizedDescription)
        }
    }
}
