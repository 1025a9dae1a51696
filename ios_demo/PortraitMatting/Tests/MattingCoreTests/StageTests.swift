import Foundation
import MattingCore
import Testing

/// Properties that the test vectors do not cover: extreme sizes, empty and full mattes, documented guarantees.
@Suite struct StageTests {
    @Test(arguments: [
        PixelSize(width: 1, height: 1), PixelSize(width: 1, height: 200), PixelSize(width: 700, height: 3),
    ])
    func acceptsAnySize(_ size: PixelSize) throws {
        let image = noise(size, channels: 3)
        let matte = noise(size, channels: 1)
        let alpha = Raster<Float>(width: 32, height: 32, filledWith: 0.4)
        #expect(refine(alpha: alpha, view: image.shrunk(to: alpha.size, .bilinear), image: image).size == size)
        #expect(try cutOut(image: image, matte: matte).size == size)
        #expect(try replaceBackground(image: image, matte: matte, with: image).size == size)
        #expect(try blurBackground(image: image, matte: matte, strength: 1).size == size)
    }

    @Test func emptyAndFullMattesStayUnchanged() {
        let image = noise(PixelSize(width: 200, height: 150), channels: 3)
        for value: Float in [0, 1] {
            let alpha = Raster<Float>(width: 64, height: 48, filledWith: value)
            let matte = refine(alpha: alpha, view: image.shrunk(to: alpha.size, .bilinear), image: image)
            #expect(Set(matte.values) == [value == 0 ? 0 : 255])
        }
    }

    @Test func anOpaqueMatteLeavesThePhotoUnchanged() throws {
        let image = noise(PixelSize(width: 90, height: 70), channels: 3)
        let full = Raster<UInt8>(width: 90, height: 70, filledWith: 255)
        let sky = Raster<UInt8>(width: 1, height: 1, channels: 3, values: [1, 2, 3])
        #expect(try estimateForeground(image: image, matte: full) == image)
        #expect(try replaceBackground(image: image, matte: full, with: sky) == image)
        #expect(try blurBackground(image: image, matte: full, strength: 1) == image)
    }

    @Test func anEmptyMatteShowsOnlyTheNewBackground() throws {
        let image = noise(PixelSize(width: 90, height: 70), channels: 3)
        let empty = Raster<UInt8>(width: 90, height: 70, filledWith: 0)
        let sky = Raster<UInt8>(width: 1, height: 1, channels: 3, values: [32, 160, 255])
        let found = try replaceBackground(image: image, matte: empty, with: sky)
        #expect(found.values == [UInt8](repeatElement([32, 160, 255], count: 90 * 70).joined()))
        #expect(try Set(cutOut(image: image, matte: empty).values) == [0])
    }

    @Test(arguments: 0..<3) func anEffectEndsWhenItsTaskIsCancelled(_ effect: Int) async {
        let image = noise(PixelSize(width: 90, height: 70), channels: 3)
        let matte = noise(image.size, channels: 1)
        let work = Task {
            while !Task.isCancelled { await Task.yield() }
            switch effect {
            case 0: return try cutOut(image: image, matte: matte)
            case 1: return try replaceBackground(image: image, matte: matte, with: image)
            default: return try blurBackground(image: image, matte: matte, strength: 1)
            }
        }
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
    }

    @Test func blurringKeepsAnEvenBackground() throws {
        var image = Raster<UInt8>(width: 160, height: 120, channels: 3, filledWith: 0)
        for i in image.values.indices { image.values[i] = [40, 120, 250][i % 3] }
        let found = try blurBackground(
            image: image, matte: Raster(width: 160, height: 120, filledWith: 0), strength: 0.8)
        #expect(zip(found.values, image.values).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    }

    @Test(arguments: [-0.1, 1.5, .nan, .infinity])
    func rejectsAStrengthOutOfRange(_ strength: Double) {
        let image = noise(PixelSize(width: 4, height: 4), channels: 3)
        #expect(throws: MattingError.self) {
            try blurBackground(image: image, matte: Raster(width: 4, height: 4, filledWith: 0), strength: strength)
        }
    }

    @Test func smoothingLeavesNoGhost() {
        var smoothing = TemporalSmoothing()
        var generator = Numbers(seed: 1)
        for _ in 0..<20 {
            let alpha = Raster(width: 16, height: 9, values: (0..<144).map { _ in Float(generator.next()) })
            let shown = smoothing.smooth(alpha)
            #expect(zip(shown.values, alpha.values).allSatisfy { abs($0 - $1) <= 9.0 / 255 })
        }
    }

    @Test func aNewSequenceStartsWithTheUnsmoothedAlpha() {
        var smoothing = TemporalSmoothing()
        let dark = Raster<Float>(width: 4, height: 3, filledWith: 0)
        let grey = Raster<Float>(width: 4, height: 3, filledWith: 0.1)
        let turned = Raster<Float>(width: 3, height: 4, filledWith: 0.1)
        #expect(smoothing.smooth(dark) == dark)
        #expect(smoothing.smooth(grey) != grey)
        #expect(smoothing.smooth(turned) == turned)
        smoothing.restart()
        #expect(smoothing.smooth(turned) == turned)
    }

    @Test func turningAndTurningBackRestoresThePicture() {
        let picture = noise(PixelSize(width: 7, height: 4), channels: 3)
        let back: [ExifOrientation: ExifOrientation] = [.right: .left, .left: .right]
        for orientation in ExifOrientation.allCases {
            #expect(picture.upright(orientation).upright(back[orientation] ?? orientation) == picture)
        }
    }

    @Test func fitTakesTheNearestSizeAndTheFirstOfEquals() {
        let sizes = [(512, 512), (384, 512), (512, 384), (256, 256)].map { PixelSize(width: $0.0, height: $0.1) }
        let rule = InputSize(side: 512, multiple: 512, longest: 512, sizes: sizes)
        #expect(rule.fit(PixelSize(width: 3024, height: 4032)) == sizes[1])
        #expect(rule.fit(PixelSize(width: 1920, height: 1080)) == sizes[2])
        #expect(rule.fit(PixelSize(width: 999, height: 1000)) == sizes[0])
    }

    @Test func halfNumbersAreReadAsFloat16() throws {
        for bits in UInt16.min...UInt16.max {
            let expected = Float(Float16(bitPattern: bits))
            let found = float(ofHalf: bits)
            #expect(found.isNaN ? expected.isNaN : found.bitPattern == expected.bitPattern)
        }
    }

    @Test func reducesPhotosOnlyBeyondTheLimit() {
        let photo = PixelSize(width: 8064, height: 6048)
        #expect(DeviceMemory.size(of: photo, megapixels: 60) == photo)
        let smaller = DeviceMemory.size(of: photo, megapixels: 12)
        #expect(smaller.width * smaller.height <= 12_000_000)
        #expect(abs(Double(smaller.width) / Double(smaller.height) - 4.0 / 3) < 1e-3)
        #expect(DeviceMemory.size(of: PixelSize(width: 1, height: 50_000), megapixels: 0.01).width == 1)
        #expect(DeviceMemory.megapixels(available: 0) == 1)
        #expect(DeviceMemory.megapixels(available: 3_000_000_000) > 48)
    }

    @Test func everyErrorHasADescriptionAndARemedy() {
        let errors: [MattingError] = [
            .modelMissing("x"), .manifestUnreadable("x"), .modelDamaged(file: "x", found: "a", expected: "b"),
            .modelUnsupported("x"), .inferenceFailed("x"), .photoUnreadable,
            .photoTooLarge(megapixels: 300, limit: 200), .noPerson, .strengthOutOfRange(2), .cameraDenied,
            .cameraMissing, .cameraLost("x"), .cameraInterrupted(.otherApp), .cameraInterrupted(.appBeside),
            .cameraInterrupted(.heat), .cameraInterrupted(.other), .graphicsUnavailable("x"), .recordingStopped("x"),
            .recordingFailed("x"),
        ]
        for error in errors {
            #expect(error.errorDescription?.hasSuffix(".") == true)
            #expect(error.recoverySuggestion?.hasSuffix(".") == true)
        }
    }
}

/// Reproducible numbers in 0..<1.
struct Numbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }

    mutating func next() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) / Double(1 << 53)
    }
}

func noise(_ size: PixelSize, channels: Int) -> Raster<UInt8> {
    var numbers = Numbers(seed: 7)
    let values = (0..<size.width * size.height * channels).map { _ in UInt8(numbers.next() * 256) }
    return Raster(width: size.width, height: size.height, channels: channels, values: values)
}
