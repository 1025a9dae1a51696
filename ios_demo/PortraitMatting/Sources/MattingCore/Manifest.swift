import Foundation

/// What lies beside a model file and says all that is needed to run it; docs/export.md describes it.
public struct Manifest: Codable, Equatable, Sendable {
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

    /// Read `folder`/manifest.json and check that the file it names is the one beside it.
    ///
    /// Throws `MattingError.modelMissing`, `.manifestUnreadable` or `.modelDamaged`.
    public static func read(folder: URL) throws -> Manifest {
        let url = folder.appendingPathComponent("manifest.json")
        guard let content = try? Data(contentsOf: url) else {
            throw MattingError.modelMissing(folder.lastPathComponent)
        }
        let manifest: Manifest
        do {
            manifest = try JSONDecoder().decode(Manifest.self, from: content)
        } catch {
            throw MattingError.manifestUnreadable(reason(of: error))
        }
        try manifest.check()
        guard let found = try? digest(of: folder.appendingPathComponent(manifest.file)) else {
            throw MattingError.modelMissing(manifest.file)
        }
        guard found == manifest.sha256 else {
            throw MattingError.modelDamaged(file: manifest.file, found: found, expected: manifest.sha256)
        }
        return manifest
    }

    private func check() throws {
        let size = input.size
        let sides = [size.side, size.multiple, size.longest] + (size.sizes ?? []).flatMap { [$0.width, $0.height] }
        if sides.contains(where: { $0 < 1 }) || size.sizes?.isEmpty == true {
            throw MattingError.manifestUnreadable("its input size is not positive")
        }
        if input.mean.count != 3 || input.std.count != 3 || input.std.contains(0) {
            throw MattingError.manifestUnreadable("its mean and std are not three numbers each")
        }
        if file.isEmpty || file.contains("/") || file == ".." {
            throw MattingError.manifestUnreadable("its file does not lie beside it")
        }
    }
}

/// What JSONDecoder complains about, in a few words.
private func reason(of error: Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
        "\(context.codingPath.map(\.stringValue).joined(separator: ".")) is of another kind"
    default: "it is not JSON"
    }
}
