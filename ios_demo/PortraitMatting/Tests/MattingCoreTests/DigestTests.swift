import Foundation
import MattingCore
import Testing

@Suite struct DigestTests {
    /// The examples of FIPS 180-4 and NIST.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ])
    func matchesTheStandardsExamples(_ text: String, _ expected: String) throws {
        #expect(try digest(of: file(Array(text.utf8))) == expected)
    }

    @Test(arguments: 0..<200)
    func doesNotDependOnTheChunkSize(_ length: Int) throws {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 31 + 7) }
        let file = try file(bytes)
        #expect(try digest(of: file, chunkSize: 13) == digest(of: file))
    }

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func file(_ bytes: [UInt8]) throws -> URL {
        try folder.write(bytes, to: "file")
        return folder.url.appendingPathComponent("file")
    }
}
