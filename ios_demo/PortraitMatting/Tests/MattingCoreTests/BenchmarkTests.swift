import Foundation
import MattingCore
import Testing

@Suite struct BenchmarkTests {
    @Test func encodedResultsDecodeToTheSameResult() throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        #expect(try decoder.decode(BenchmarkResult.self, from: result().json()) == result())
    }

    /// test_ios.py validates the written file against the schema.
    @Test func writesAResultForTheSchemaTest() throws {
        guard let path = ProcessInfo.processInfo.environment["PSPM_BENCHMARK_OUT"] else {
            Issue.record("set PSPM_BENCHMARK_OUT to a file to write, or run make ios")
            return
        }
        try result().json().write(to: URL(fileURLWithPath: path))
    }

    @Test func framesPerSecondFollowFromTheMeanLatency() throws {
        let run = try result().runs[0]
        let stages = try #require(run.stages)
        #expect(try #require(run.fps) == 1000.0 / 30)
        #expect(stages.total.mean == 30)
        #expect(stages.inference.p50 == 20)
        #expect(try #require(run.rounds) == 3)
    }

    @Test func liveRatesCountShownAndDroppedFrames() throws {
        let frames = (0..<50).map { FrameTimes(pre: 1, inference: 10 + Double($0 % 2), post: 2) }
        let rates = try #require(LiveRates(of: frames, drops: 10, seconds: 2))
        #expect(rates.camera == 30)
        #expect(rates.shown == 25)
        #expect(rates.dropped == 10)
        #expect(rates.mean == FrameTimes(pre: 1, inference: 10.5, post: 2))
        #expect(LiveRates(of: [], drops: 3, seconds: 1) == nil)
    }

    @Test func sustainedRunsSeparateTheFirstAndTheLastTenth() {
        let fast: [Double] = (1...200).map { Double($0) * 0.05 }
        let slow: [Double] = (1...100).map { 10 + Double($0) * 0.1 }
        let found = Sustained(finishedAt: fast + slow)
        #expect(found.frames == 300)
        #expect(abs(found.seconds - 20) < 1e-9)
        #expect(abs(found.fps - 15) < 1e-9)
        #expect(abs(found.fpsFirstTenth - 20) < 0.6)
        #expect(abs(found.fpsLastTenth - 10) < 0.6)
    }

    private func result() throws -> BenchmarkResult {
        let bundle = try JSONDecoder().decode(ModelBundle.self, from: BundleFiles.content())
        let size = Size(width: 384, height: 512)
        let frames = [19.0, 20, 21].map { FrameTimes(pre: 4, inference: $0, post: 6) }
        var measured = BenchmarkRun(
            engine: "Core ML 18.1", delegate: "cpu+neural-engine", precision: "fp16", size: size, warmUp: 5,
            frames: frames, thermal: .init(before: "nominal", after: "fair"))
        measured.sustained = Sustained(finishedAt: [0.1, 0.2, 0.3])
        let refused = BenchmarkRun(
            engine: "Core ML 18.1", delegate: "cpu+gpu", precision: "fp16", size: size, refused: "no such unit")
        return BenchmarkResult(
            pspm: "0.1.0", measured: Date(timeIntervalSince1970: 1_800_000_000), model: .init(bundle),
            device: .init(name: "iPhone15,2", system: "iOS 18.1", processor: "A16", cores: 6),
            frame: .init(Size(width: 960, height: 720)), runs: [measured, refused])
    }
}
