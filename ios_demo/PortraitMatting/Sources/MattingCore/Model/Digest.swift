import Foundation

#if canImport(CryptoKit)
    import CryptoKit
#else
    import Crypto
#endif

/// SHA-256 of a file or folder, in hexadecimal.
///
/// The digest of a folder is that of the list of its files, one line "SHA256  PATH" per file, as sha256sum prints it.
/// Paths are relative, separated by "/", and sorted by their bytes. Files are read `chunkSize` bytes at a time. Throws
/// Foundation's error for a file that cannot be read.
package func digest(of url: URL, chunkSize: Int = 1 << 20) throws -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
        return try digest(ofFile: url, chunkSize: chunkSize)
    }
    var lines: [(path: String, line: String)] = []
    for path in try FileManager.default.subpathsOfDirectory(atPath: url.path) {
        let file = url.appendingPathComponent(path)
        var isInner: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isInner) else { continue }
        if isInner.boolValue { continue }
        lines.append((path, "\(try digest(ofFile: file, chunkSize: chunkSize))  \(path)\n"))
    }
    lines.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    return hexadecimal(SHA256.hash(data: Data(lines.map(\.line).joined().utf8)))
}

private func digest(ofFile url: URL, chunkSize: Int) throws -> String {
    let file = try FileHandle(forReadingFrom: url)
    defer { try? file.close() }
    var hash = SHA256()
    while let chunk = try file.read(upToCount: chunkSize), !chunk.isEmpty { hash.update(data: chunk) }
    return hexadecimal(hash.finalize())
}

private func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
    digest.map { String(format: "%02x", $0) }.joined()
}
