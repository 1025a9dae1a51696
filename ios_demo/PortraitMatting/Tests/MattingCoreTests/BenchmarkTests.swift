import Foundation
import MattingCore
import Testing

/// A clock that a frame moves on by `step` seconds.
private final class Clock {
    var now = 0.0
    var runs = 0
    let step: Double

    init(step: Double) { self.step = step }

    func run() {
        now += step
        runs += 1
    }
}

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

    @Test func pacedFramesThatComeDuringAnotherAreDropped() {
        for (step, shown) in [(0.01, 100), (0.15, 67), (0.25, 40)] {
            let clock = Clock(step: step)
            let paced = Paced(fps: 10, seconds: 10, now: { clock.now }, sleep: { clock.now += $0 }, run: clock.run)
            #expect(paced.frames == shown)
            #expect(paced.dropped == 100 - shown)
            #expect(clock.runs == shown)
        }
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
        let size = PixelSize(width: 384, height: 512)
        let frames = [19.0, 20, 21].map { FrameTimes(pre: 4, inference: $0, post: 6) }
        let setting = { (delegate: String) in
            BenchmarkRun.Setting(
                engine: "Core ML 18.1", delegate: delegate, precision: "fp16", size: size, model: .init(bundle))
        }
        var measured = BenchmarkRun(
            setting("cpu+neural-engine"), effect: .blur, start: .init(load: 800, firstFrame: 50), warmUp: 5,
            frames: frames, thermal: .init(before: "nominal", after: "fair"))
        measured.sustained = Sustained(finishedAt: [0.1, 0.2, 0.3])
        let clock = Clock(step: 0.05)
        measured.paced = Paced(fps: 30, seconds: 1, now: { clock.now }, sleep: { clock.now += $0 }, run: clock.run)
        let refused = BenchmarkRun(setting("cpu+gpu"), effect: .colour, refused: "no such unit")
        return BenchmarkResult(
            pspm: "0.1.0", measured: Date(timeIntervalSince1970: 1_800_000_000), model: .init(bundle),
            device: .init(name: "iPhone15,2", system: "iOS 18.1", processor: "A16", cores: 6),
            frame: .init(PixelSize(width: 1280, height: 720), content: "noise"), runs: [measured, refused])
    }
}
