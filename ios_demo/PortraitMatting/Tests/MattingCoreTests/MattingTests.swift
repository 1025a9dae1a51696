import Foundation
import MattingCore
import Testing

@Suite struct MattingTests {
    @Test func withoutAPersonTheMatteIsEmptyOrAnErrorIsThrown() async throws {
        let photo = PixelPhoto(image: noise(PixelSize(width: 64, height: 48), channels: 3))
        let matting = Matting(engine: try UniformEngine(alpha: 0))
        #expect(Set(try await matting.matte(of: photo).values) == [0])
        await #expect(throws: MattingError.noPerson) { try await matting.matte(of: photo, requirePerson: true) }
    }

    @Test func multipliesByThePhotosOwnTransparency() async throws {
        let transparency = noise(PixelSize(width: 64, height: 48), channels: 1)
        let photo = PixelPhoto(image: noise(PixelSize(width: 64, height: 48), channels: 3), transparency: transparency)
        #expect(try await Matting(engine: try UniformEngine(alpha: 1)).matte(of: photo) == transparency)
    }

    @Test func rethrowsTheEnginesErrors() async throws {
        let photo = PixelPhoto(image: noise(PixelSize(width: 64, height: 48), channels: 3))
        await #expect(throws: MattingError.inferenceFailed("broken")) {
            try await Matting(engine: try UniformEngine(alpha: nil)).matte(of: photo)
        }
    }

    @Test func countsEachLookAtThePhoto() async throws {
        let photo = PixelPhoto(image: noise(PixelSize(width: 64, height: 48), channels: 3))
        let seen = Seen()
        _ = try await Matting(engine: try UniformEngine(alpha: 1)).matte(of: photo, quality: .best) {
            seen.runs.append($0)
        }
        #expect(seen.runs.count > 1)
        #expect(seen.runs == Array(1...seen.runs.count))
    }

    @Test func stopsWhenCancelled() async throws {
        let photo = PixelPhoto(image: noise(PixelSize(width: 64, height: 48), channels: 3))
        let matting = Matting(engine: try UniformEngine(alpha: 1))
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await matting.matte(of: photo)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

/// Numbers that a matting reports, one after the other.
private final class Seen: @unchecked Sendable {
    var runs: [Int] = []
}

/// An engine that returns the same alpha everywhere, or throws.
private struct UniformEngine: Engine {
    let bundle: ModelBundle
    let alpha: Float?

    init(alpha: Float?) throws {
        bundle = try JSONDecoder().decode(ModelBundle.self, from: BundleFiles.content())
        self.alpha = alpha
    }

    func inputSize(for photo: PixelSize) -> PixelSize { PixelSize(width: 32, height: 32) }

    func alpha(of view: Raster<UInt8>) async throws -> Raster<Float> {
        guard let alpha else { throw MattingError.inferenceFailed("broken") }
        return Raster(width: view.width, height: view.height, filledWith: alpha)
    }
}
