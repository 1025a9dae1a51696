import CoreML
import CoreVideo
import Foundation
import MattingCore

/// What Core ML may compute with; the raw values are those of a benchmark's "delegate".
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

/// A bundle of `pspm export --format coreml`, loaded.
///
/// Safe to use from several threads: Core ML wants one prediction at a time, and gets it.
public final class CoreMLModel: MattingModel, @unchecked Sendable {
    public let manifest: Manifest
    public let computeUnits: ComputeUnits

    private let model: MLModel
    private let turn = NSLock()
    private static let compiling = NSLock()

    /// Load the bundle in a folder, which takes about a second the first time, because the package is compiled for the
    /// device; that is kept in the caches under the package's hash.
    ///
    /// Throws `MattingError` for a bundle that is missing, damaged, or not one that Core ML runs here.
    public init(bundle folder: URL, computeUnits: ComputeUnits = .all) throws {
        manifest = try Manifest.read(folder: folder)
        self.computeUnits = computeUnits
        guard manifest.format == "coreml" else {
            throw MattingError.modelUnsupported("its format is \(manifest.format ?? "onnx"), not coreml")
        }
        guard manifest.input.layout == "image" && manifest.output.layout == "image" else {
            throw MattingError.modelUnsupported("it does not take and give images")
        }
        let configuration = MLModelConfiguration()
        configuration.computeUnits = computeUnits.coreML
        let package = folder.appendingPathComponent(manifest.file)
        let kept = try CoreMLModel.cache().appendingPathComponent(manifest.sha256 + ".mlmodelc")
        CoreMLModel.compiling.lock()
        defer { CoreMLModel.compiling.unlock() }
        do {
            if let model = try? MLModel(contentsOf: kept, configuration: configuration) {
                self.model = model
            } else {
                // Not compiled yet, or by a system that has been updated since.
                let compiled = try MLModel.compileModel(at: package)
                try? FileManager.default.removeItem(at: kept)
                try FileManager.default.moveItem(at: compiled, to: kept)
                self.model = try MLModel(contentsOf: kept, configuration: configuration)
            }
        } catch {
            throw MattingError.modelUnsupported(error.localizedDescription)
        }
    }

    public func inputSize(for photo: Size) -> Size { manifest.input.size.fit(photo) }

    public func alpha(of view: Raster<UInt8>) async throws -> Raster<Float> {
        let buffer = try PixelBuffers.make(view.size)
        try PixelBuffers.write(view, to: buffer)
        return try alpha(of: buffer)
    }

    /// The alpha of a view in a buffer of 32-bit BGRA, of a size that `inputSize` gave; blocks until it is there.
    func alpha(of view: CVPixelBuffer) throws -> Raster<Float> {
        turn.lock()
        defer { turn.unlock() }
        do {
            let input = try MLDictionaryFeatureProvider(
                dictionary: [manifest.input.name: MLFeatureValue(pixelBuffer: view)])
            let output = try model.prediction(from: input)
            guard let image = output.featureValue(for: manifest.output.name)?.imageBufferValue else {
                throw MattingError.modelUnsupported("it gives no image named \(manifest.output.name)")
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
