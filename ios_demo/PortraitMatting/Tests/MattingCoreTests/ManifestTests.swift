import Foundation
import MattingCore
import Testing

@Suite struct ManifestTests {
    @Test func aBundleThatIsWholeIsRead() throws {
        let folder = try bundle()
        let manifest = try Manifest.read(folder: folder.url)
        #expect(manifest.name == "mobile")
        #expect(manifest.precision == "fp16")
        #expect(manifest.input.size == InputSize(side: 512, multiple: 32, longest: 1024))
        #expect(manifest.output.name == "alpha")
    }

    @Test func theBundleThatPspmExportWroteIsRead() throws {
        guard let path = ProcessInfo.processInfo.environment["PSPM_BUNDLE"] else {
            Issue.record("set PSPM_BUNDLE to a Core ML bundle of pspm export, or run make ios")
            return
        }
        let manifest = try Manifest.read(folder: URL(fileURLWithPath: path))
        #expect(manifest.format == "coreml")
        #expect(manifest.input.layout == "image")
        #expect(manifest.output.layout == "image")
        #expect(manifest.input.size.fit(Size(width: 960, height: 720)) == Size(width: 512, height: 384))
    }

    @Test(arguments: ["Data/model.mlmodel", "Manifest.json"])
    func oneChangedByteIsFound(_ path: String) throws {
        let folder = try bundle()
        try folder.write("damaged".utf8, to: "model.mlpackage/\(path)")
        #expect {
            try Manifest.read(folder: folder.url)
        } throws: { error in
            guard case .modelDamaged(let file, let found, let expected) = error as? MattingError else { return false }
            return file == "model.mlpackage" && found != expected
        }
    }

    @Test func oneMoreFileIsFound() throws {
        let folder = try bundle()
        try folder.write([], to: "model.mlpackage/more")
        #expect(throws: MattingError.self) { try Manifest.read(folder: folder.url) }
    }

    @Test func whatIsNotThereIsNamed() throws {
        let folder = try TemporaryFolder()
        #expect(throws: MattingError.modelMissing(folder.url.lastPathComponent)) {
            try Manifest.read(folder: folder.url)
        }
        try folder.write(ManifestFiles.content(), to: "manifest.json")
        #expect(throws: MattingError.modelMissing("model.mlpackage")) { try Manifest.read(folder: folder.url) }
    }

    @Test(arguments: ["name", "network", "file", "sha256", "input", "output", "licence", "data"])
    func whatTheSchemaRequiresIsRequired(_ missing: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(ManifestFiles.content(without: missing), to: "manifest.json")
        #expect(throws: MattingError.manifestUnreadable("\(missing) is missing")) {
            try Manifest.read(folder: folder.url)
        }
    }

    @Test(arguments: ["", "no JSON", "[]", "{\"name\": 3}"])
    func whatIsNoManifestIsRefused(_ content: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(content.utf8, to: "manifest.json")
        #expect {
            try Manifest.read(folder: folder.url)
        } throws: { error in
            guard case .manifestUnreadable = error as? MattingError else { return false }
            return true
        }
    }

    @Test(arguments: [
        ManifestFiles.content(file: "../elsewhere"), ManifestFiles.content(file: ""),
        ManifestFiles.content(size: InputSize(side: 512, multiple: 0, longest: 1024)),
        ManifestFiles.content(size: InputSize(side: 1, multiple: 1, longest: 1, sizes: [Size(width: 0, height: 9)])),
    ])
    func whatCannotBeIsRefused(_ content: Data) throws {
        let folder = try TemporaryFolder()
        try folder.write(content, to: "manifest.json")
        #expect {
            try Manifest.read(folder: folder.url)
        } throws: { error in
            guard case .manifestUnreadable = error as? MattingError else { return false }
            return true
        }
    }

    private func bundle() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("network".utf8, to: "model.mlpackage/Data/model.mlmodel")
        try folder.write("manifest".utf8, to: "model.mlpackage/Manifest.json")
        let sha256 = try digest(of: folder.url.appendingPathComponent("model.mlpackage"))
        try folder.write(ManifestFiles.content(sha256: sha256), to: "manifest.json")
        return folder
    }
}
