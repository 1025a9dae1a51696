// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.
import Foundation

public struct SHA256: Sendable {
    public init() {}
    public static func hash(data: some DataProtocol) -> SHA256Digest { SHA256Digest() }
    public mutating func update(data: some DataProtocol) {}
    public func finalize() -> SHA256Digest { SHA256Digest() }
}

public struct SHA256Digest: Sequence, Sendable {
    public func makeIterator() -> Array<UInt8>.Iterator { [].makeIterator() }
}
