import CLibcrypto
import Foundation

/// Computes SHA-256 digests with OpenSSL, behind the API of swift-crypto.
public struct SHA256 {
    public typealias Digest = [UInt8]

    private let context: Context

    public init() { context = Context() }

    public static func hash(data: some DataProtocol) -> Digest {
        var hash = SHA256()
        hash.update(data: data)
        return hash.finalize()
    }

    public mutating func update(data: some DataProtocol) {
        for region in data.regions {
            region.withUnsafeBytes { bytes in
                precondition(EVP_DigestUpdate(context.pointer, bytes.baseAddress, bytes.count) == 1)
            }
        }
    }

    public func finalize() -> Digest {
        var digest = [UInt8](repeating: 0, count: 32)
        precondition(EVP_DigestFinal_ex(context.pointer, &digest, nil) == 1)
        return digest
    }

    /// Owns OpenSSL's context.
    private final class Context {
        let pointer: OpaquePointer

        init() {
            guard let pointer = EVP_MD_CTX_new(), EVP_DigestInit_ex(pointer, EVP_sha256(), nil) == 1 else {
                fatalError("OpenSSL has no SHA-256")
            }
            self.pointer = pointer
        }

        deinit { EVP_MD_CTX_free(pointer) }
    }
}
