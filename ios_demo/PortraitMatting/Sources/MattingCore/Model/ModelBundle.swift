import Foundation

/// A model bundle: the manifest of a model file, with everything needed to run it. docs/export.md describes the format.
///
/// The other languages call it `Bundle`; in Swift that name is Foundation's.
public struct ModelBundle: Codable, Equatable, Sendable {
    public struct Input: Codable, Equatable, Sendable {
        public let name: String
        public let layout: String
        public let mean: [Double]
        public let std: [Double]
        public let size: InputSize
    }

    public struct Output: Codable, Equatable, Sendable {
        public let name: String
        public let layout: String
    }

    public let name: String
    public let network: String
    public let file: String
    public let format: String?
    public let precision: String?
    public let sha256: String
    public let input: Input
    public let output: Output
    public let licence: String
    public let data: String

    /// Read `folder`/manifest.json and verify the SHA-256 of the model file it names.
    ///
    /// Throws `MattingError.modelMissing`, `.manifestUnreadable` or `.modelDamaged`.
    public static func open(_ folder: URL) throws -> ModelBundle {
        let url = folder.appendingPathComponent("manifest.json")
        guard let content = try? Data(contentsOf: url) else {
            throw MattingError.modelMissing(folder.lastPathComponent)
        }
        let bundle: ModelBundle
        do {
            bundle = try JSONDecoder().decode(ModelBundle.self, from: content)
        } catch {
            throw MattingError.manifestUnreadable(reason(of: error))
        }
        try bundle.check()
        guard let found = try? digest(of: folder.appendingPathComponent(bundle.file)) else {
            throw MattingError.modelMissing(bundle.file)
        }
        guard found == bundle.sha256 else {
            throw MattingError.modelDamaged(file: bundle.file, found: found, expected: bundle.sha256)
        }
        return bundle
    }

    private func check() throws {
        let size = input.size
        let sides = [size.side, size.multiple, size.longest] + (size.sizes ?? []).flatMap { [$0.width, $0.height] }
        if sides.contains(where: { $0 < 1 }) || size.sizes?.isEmpty == true {
            throw MattingError.manifestUnreadable("its input sizes must be positive")
        }
        if input.mean.count != 3 || input.std.count != 3 || input.std.contains(0) {
            throw MattingError.manifestUnreadable("mean and std must be three numbers each, and std not 0")
        }
        if file.isEmpty || file.contains("/") || file == ".." {
            throw MattingError.manifestUnreadable("the model file must be in the manifest's folder")
        }
    }
}

/// A decoding error in a few words.
private func reason(of error: Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
        "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has the wrong type"
    default: "it is not valid JSON"
    }
}
