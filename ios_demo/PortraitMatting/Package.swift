// swift-tools-version: 6.0
import PackageDescription

#if canImport(Darwin)
    // MattingCore uses CryptoKit, which is part of the system.
    let crypto: [Target.Dependency] = []
    let packages: [Package.Dependency] = []
#else
    // Elsewhere it uses swift-crypto, which has the same API. PSPM_SWIFT_CRYPTO is a folder to use instead of GitHub's.
    let crypto: [Target.Dependency] = [.product(name: "Crypto", package: "swift-crypto")]
    let packages: [Package.Dependency] = [
        Context.environment["PSPM_SWIFT_CRYPTO"].map { .package(path: $0) }
            ?? .package(url: "https://github.com/apple/swift-crypto.git", from: "3.0.0")
    ]
#endif

// PortraitMattingKit on macOS has all but the camera, so that `swift test` and photos work on a Mac.
let package = Package(
    name: "PortraitMatting",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "MattingCore", targets: ["MattingCore"])],
    dependencies: packages,
    targets: [
        .target(name: "MattingCore", dependencies: crypto),
        .testTarget(name: "MattingCoreTests", dependencies: ["MattingCore"]),
    ],
    swiftLanguageModes: [.v6]
)

#if canImport(Darwin)
    // The target that needs Apple's frameworks. It is in Swift 5 mode because they are not fully annotated for Swift 6.
    // A module may not have the name of one of its classes: `PortraitMatting.Background` would be looked for in the class.
    package.products.append(.library(name: "PortraitMattingKit", targets: ["PortraitMattingKit", "MattingCore"]))
    package.targets.append(
        .target(
            name: "PortraitMattingKit",
            dependencies: ["MattingCore"],
            path: "Sources/PortraitMatting",
            resources: [.copy("Model"), .copy("PrivacyInfo.xcprivacy"), .process("Shaders.metal")],
            swiftSettings: [.swiftLanguageMode(.v5)]
        )
    )
#endif
