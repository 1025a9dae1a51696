import Foundation
import MattingCore
import Testing

@Suite struct ModelBundleTests {
    @Test func opensAnIntactBundle() throws {
        let folder = try intactBundle()
        let bundle = try ModelBundle.open(folder.url)
        #expect(bundle.name == "mobile")
        #expect(bundle.precision == "fp16")
        #expect(bundle.input.size == InputSize(side: 512, multiple: 32, longest: 1024))
        #expect(bundle.output.name == "alpha")
    }

    @Test func opensTheBundleThatPspmExportWrote() throws {
        guard let path = ProcessInfo.processInfo.environment["PSPM_BUNDLE"] else {
            Issue.record("set PSPM_BUNDLE to a Core ML bundle of pspm export, or run make ios")
            return
        }
        let bundle = try ModelBundle.open(URL(fileURLWithPath: path))
        #expect(bundle.format == "coreml")
        #expect(bundle.input.layout == "image")
        #expect(bundle.output.layout == "image")
        #expect(bundle.input.size.fit(PixelSize(width: 960, height: 720)) == PixelSize(width: 512, height: 384))
    }

    @Test(arguments: ["Data/model.mlmodel", "Manifest.json"])
    func detectsAChangedFile(_ path: String) throws {
        let folder = try intactBundle()
        try folder.write("damaged".utf8, to: "model.mlpackage/\(path)")
        #expect {
            try ModelBundle.open(folder.url)
        } throws: { error in
            guard case .modelDamaged(let file, let found, let expected) = error as? MattingError else { return false }
            return file == "model.mlpackage" && found != expected
        }
    }

    @Test func detectsAnAddedFile() throws {
        let folder = try intactBundle()
        try folder.write([], to: "model.mlpackage/more")
        #expect(throws: MattingError.self) { try ModelBundle.open(folder.url) }
    }

    @Test func namesTheMissingFile() throws {
        let folder = try TemporaryFolder()
        #expect(throws: MattingError.modelMissing(folder.url.lastPathComponent)) {
            try ModelBundle.open(folder.url)
        }
        try folder.write(BundleFiles.content(), to: "manifest.json")
        #expect(throws: MattingError.modelMissing("model.mlpackage")) { try ModelBundle.open(folder.url) }
    }

    @Test(arguments: ["name", "network", "file", "sha256", "input", "output", "licence", "data"])
    func requiresWhatTheSchemaRequires(_ missing: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(BundleFiles.content(without: missing), to: "manifest.json")
        #expect(throws: MattingError.manifestUnreadable("\(missing) is missing")) {
            try ModelBundle.open(folder.url)
        }
    }

    @Test(arguments: ["", "no JSON", "[]", "{\"name\": 3}"])
    func rejectsMalformedManifests(_ content: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(content.utf8, to: "manifest.json")
        #expect {
            try ModelBundle.open(folder.url)
        } throws: { error in
            guard case .manifestUnreadable = error as? MattingError else { return false }
            return true
        }
    }

    @Test(arguments: [
        BundleFiles.content(file: "../elsewhere"), BundleFiles.content(file: ""),
        BundleFiles.content(size: InputSize(side: 512, multiple: 0, longest: 1024)),
        BundleFiles.content(size: InputSize(side: 1, multiple: 1, longest: 1, sizes: [PixelSize(width: 0, height: 9)])),
    ])
    func rejectsInvalidValues(_ content: Data) throws {
        let folder = try TemporaryFolder()
        try folder.write(content, to: "manifest.json")
        #expect {
            try ModelBundle.open(folder.url)
        } throws: { error in
            guard case .manifestUnreadable = error as? MattingError else { return false }
            return true
        }
    }

    private func intactBundle() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("network".utf8, to: "model.mlpackage/Data/model.mlmodel")
        try folder.write("manifest".utf8, to: "model.mlpackage/Manifest.json")
        let sha256 = try digest(of: folder.url.appendingPathComponent("model.mlpackage"))
        try folder.write(BundleFiles.content(sha256: sha256), to: "manifest.json")
        return folder
    }
}
