// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "PortraitMatting",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "MattingCore", targets: ["MattingCore"])],
    targets: [
        .target(name: "MattingCore"),
        .testTarget(name: "MattingCoreTests", dependencies: ["MattingCore"]),
    ],
    swiftLanguageModes: [.v6]
)

#if canImport(Darwin)
    // What needs Apple's frameworks. In Swift 5 mode, because they are not annotated for the checks of Swift 6 throughout.
    package.products.append(.library(name: "PortraitMatting", targets: ["PortraitMatting", "MattingCore"]))
    package.targets.append(
        .target(
            name: "PortraitMatting",
            dependencies: ["MattingCore"],
            resources: [.copy("Model"), .process("Shaders.metal")],
            swiftSettings: [.swiftLanguageMode(.v5)]
        )
    )
#endif
