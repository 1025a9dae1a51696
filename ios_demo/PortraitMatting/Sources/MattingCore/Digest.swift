import Foundation

/// The sha256 of a file; of a folder, that of the lines "SHA256  PATH" of its files, as sha256sum lists them.
///
/// The paths are relative, with /, in the order of their bytes. Throws what Foundation says of a file that cannot be read.
public func digest(of url: URL) throws -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
        return try digest(ofFile: url)
    }
    var lines: [(path: String, line: String)] = []
    for path in try FileManager.default.subpathsOfDirectory(atPath: url.path) {
        let file = url.appendingPathComponent(path)
        var isInner: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isInner) else { continue }
        if isInner.boolValue { continue }
        lines.append((path, "\(try digest(ofFile: file))  \(path)\n"))
    }
    lines.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    return SHA256.hex(lines.map(\.line).joined().utf8)
}

private func digest(ofFile url: URL) throws -> String {
    let file = try FileHandle(forReadingFrom: url)
    defer { try? file.close() }
    var hash = SHA256()
    while let part = try file.read(upToCount: 1 << 20), !part.isEmpty { hash.update(part) }
    return hash.finish()
}
