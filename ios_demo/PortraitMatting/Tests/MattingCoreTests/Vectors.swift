import Foundation
import MattingCore
import Testing

/// The test vectors that `pspm vectors` wrote. docs/vectors.md describes the format.
enum Vectors {
    static let folder: URL = {
        guard let path = ProcessInfo.processInfo.environment["PSPM_VECTORS"] else {
            fatalError("set PSPM_VECTORS to a folder that pspm vectors wrote, or run make ios")
        }
        return URL(fileURLWithPath: path, isDirectory: true)
    }()

    private static let index: Index = {
        do {
            let content = try Data(contentsOf: folder.appendingPathComponent("vectors.json"))
            return try JSONDecoder().decode(Index.self, from: content)
        } catch {
            fatalError("\(folder.path) has no test vectors (\(error)); write them with pspm vectors")
        }
    }()

    /// The cases of a stage, at least one.
    static func cases(of stage: String) -> [Case] {
        let found = index.cases.filter { $0.stage == stage }
        precondition(!found.isEmpty, "the vectors have no stage \(stage)")
        return found
    }

    static func named(_ name: String, of stage: String) -> Case {
        guard let found = cases(of: stage).first(where: { $0.name == name }) else {
            fatalError("the vectors have no case \(stage)/\(name)")
        }
        return found
    }

    /// The stages that Swift has to run, all but those that the specification excuses it from.
    static var stages: Set<String> { Set(index.stages.filter { $0.value.swift.excused == nil }.keys) }

    /// How far Swift's results may be from Python's.
    static func allowed(_ stage: String) -> (range: Double, mean: Double, largest: Double) {
        guard let limits = index.stages[stage], let mean = limits.swift.mean, let largest = limits.swift.largest else {
            fatalError("the specification has no tolerance of \(stage) for Swift")
        }
        return (limits.range, mean, largest)
    }

    private struct Index: Decodable {
        let stages: [String: Limits]
        let cases: [Case]
    }

    private struct Limits: Decodable {
        let range: Double
        let swift: Tolerance
    }

    private struct Tolerance: Decodable {
        let excused: String?
        let mean: Double?
        let largest: Double?
    }
}

/// One call of a stage in Python: its inputs and outputs.
struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let stage: String
    let name: String
    let parameters: [String: Parameter]
    let inputs: [String: Tensor]
    let outputs: [String: Tensor]

    var testDescription: String { "\(stage)/\(name)" }

    func number(_ name: String) -> Double {
        guard let parameter = parameters[name] else { fatalError("\(testDescription) has no parameter \(name)") }
        return parameter.numbers[0]
    }

    func numbers(_ name: String) -> [Double] { parameters[name]?.numbers ?? [] }

    /// The size rule in the parameters.
    var rule: InputSize {
        let sides = numbers("sizes").map { Int($0) }
        let sizes = stride(from: 0, to: sides.count, by: 2).map { PixelSize(width: sides[$0], height: sides[$0 + 1]) }
        return InputSize(
            side: Int(number("side")), multiple: Int(number("multiple")), longest: Int(number("longest")),
            sizes: sizes.isEmpty ? nil : sizes)
    }

    func input(_ name: String) -> Tensor { tensor(name, in: inputs) }

    func output(_ name: String) -> Tensor { tensor(name, in: outputs) }

    private func tensor(_ name: String, in tensors: [String: Tensor]) -> Tensor {
        guard let found = tensors[name] else { fatalError("\(testDescription) has no tensor \(name)") }
        return found
    }
}

/// A number, a list of numbers, or a list of lists, flattened.
struct Parameter: Decodable, Sendable {
    let numbers: [Double]

    init(from decoder: Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let one = try? container.decode(Double.self) {
            numbers = [one]
        } else if let list = try? container.decode([Double].self) {
            numbers = list
        } else {
            numbers = try container.decode([[Double]].self).flatMap { $0 }
        }
    }
}

/// An array in a file of little-endian numbers.
struct Tensor: Decodable, Sendable {
    let file: String
    let dtype: String
    let shape: [Int]

    var bytes: [UInt8] {
        guard let content = try? Data(contentsOf: Vectors.folder.appendingPathComponent(file)) else {
            fatalError("\(file) cannot be read")
        }
        return [UInt8](content)
    }

    /// All numbers, of any type.
    var numbers: [Double] {
        switch dtype {
        case "uint8": bytes.map(Double.init)
        case "int32": words(4).map { Double(Int32(truncatingIfNeeded: $0)) }
        case "float32": words(4).map { Double(Float(bitPattern: UInt32($0))) }
        case "float64": words(8).map { Double(bitPattern: $0) }
        default: fatalError("\(file) has the unknown type \(dtype)")
        }
    }

    var floats: [Float] { numbers.map { Float($0) } }

    /// An array of shape (height, width) or (height, width, channels), of type uint8.
    var picture: Raster<UInt8> {
        precondition(dtype == "uint8" && (2...3).contains(shape.count))
        return Raster(width: shape[1], height: shape[0], channels: shape.count == 3 ? shape[2] : 1, values: bytes)
    }

    /// An array of shape (height, width), of a floating-point type.
    var alpha: Raster<Float> {
        precondition(shape.count == 2)
        return Raster(width: shape[1], height: shape[0], values: floats)
    }

    /// The planes of an array of shape (n, height, width).
    var planes: [[Float]] {
        let all = floats
        let length = all.count / shape[0]
        return (0..<shape[0]).map { Array(all[$0 * length..<($0 + 1) * length]) }
    }

    private func words(_ length: Int) -> [UInt64] {
        let bytes = bytes
        return stride(from: 0, to: bytes.count, by: length).map { start in
            (0..<length).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
        }
    }
}
