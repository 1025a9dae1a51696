// swift-tools-version: 6.0
import PackageDescription

// Stands in for swift-crypto (https://github.com/apple/swift-crypto) when the tests run offline on Linux. It declares
// the part of swift-crypto's API that MattingCore uses. The hashing is done by the system's libcrypto (OpenSSL).
let package = Package(
    name: "swift-crypto",
    products: [.library(name: "Crypto", targets: ["Crypto"])],
    targets: [
        .systemLibrary(name: "CLibcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "Crypto", dependencies: ["CLibcrypto"]),
    ],
    swiftLanguageModes: [.v6]
)
