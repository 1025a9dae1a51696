import CoreVideo
import Foundation
import MattingCore

/// Measures whole frames, from the camera's buffer to the composed picture.
///
/// `run` blocks for seconds to minutes: do not call it on the main thread.
public struct BenchmarkRunner: Sendable {
    /// Measured frames of each effect.
    public var rounds = BenchmarkProtocol.rounds
    /// Seconds of the sustained run of each effect; 0 skips it.
    public var sustainedSeconds = BenchmarkProtocol.sustainedSeconds
    public let frame = BenchmarkProtocol.frame

    public init() {}

    /// Measure Apple's person segmentation in place of the network, as `run` measures a choice of compute units.
    public func runVision(
        _ source: PortraitMatting.Source, isCancelled: () -> Bool = { Task.isCancelled }
    ) throws -> [BenchmarkRun] {
        let bundle = try ModelBundle.open(source.folder)
        let setting = BenchmarkRun.Setting(
            engine: "Vision of \(DeviceFacts.current.system)", delegate: "all", precision: "unknown",
            size: bundle.input.size.fit(frame), model: .init(builtIn: VisionSegmenter.name))
        return try run(setting, isCancelled) { VisionSegmenter(size: bundle.input.size) }
    }

    /// Measure one choice of compute units with every effect. If the device cannot run it, the result is refused, with
    /// the reason.
    ///
    /// Stops early once `isCancelled` returns true. Throws `CancellationError` if no frame was measured by then.
    public func run(
        _ source: PortraitMatting.Source, units: ComputeUnits, isCancelled: () -> Bool = { Task.isCancelled }
    ) throws -> [BenchmarkRun] {
        let bundle = try ModelBundle.open(source.folder)
        let setting = BenchmarkRun.Setting(
            engine: "Core ML of \(DeviceFacts.current.system)", delegate: units.rawValue,
            precision: bundle.precision ?? "unknown", size: bundle.input.size.fit(frame), model: .init(bundle))
        return try run(setting, isCancelled) { try CoreMLEngine(bundle: source.folder, computeUnits: units) }
    }

    private func run(
        _ setting: BenchmarkRun.Setting, _ isCancelled: () -> Bool, open: () throws -> any ViewSegmenter
    ) throws -> [BenchmarkRun] {
        var runs: [BenchmarkRun] = []
        do {
            let began = seconds()
            let renderer = try LiveRenderer(engine: open())
            let loaded = seconds()
            let frame = try generatedFrame()
            try use(.colour, in: renderer)
            let ready = seconds()
            _ = try renderer.render(frame)
            let start = BenchmarkRun.Start(load: 1000 * (loaded - began), firstFrame: 1000 * (seconds() - ready))
            for effect in BenchmarkEffect.allCases where !isCancelled() {
                try use(effect, in: renderer)
                runs.append(try measure(renderer, frame, setting, effect, start, isCancelled))
            }
        } catch let error as MattingError {
            runs.append(BenchmarkRun(setting, effect: .colour, refused: error.localizedDescription))
        }
        return runs
    }

    private func use(_ effect: BenchmarkEffect, in renderer: LiveRenderer) throws {
        let colour = BenchmarkProtocol.colour
        switch effect {
        case .colour:
            try renderer.setBackground(.colour(red: colour.red, green: colour.green, blue: colour.blue))
        case .blur: try renderer.setBackground(.blur(strength: BenchmarkProtocol.blurStrength))
        }
    }

    private func measure(
        _ renderer: LiveRenderer, _ frame: CVPixelBuffer, _ setting: BenchmarkRun.Setting, _ effect: BenchmarkEffect,
        _ start: BenchmarkRun.Start, _ isCancelled: () -> Bool
    ) throws -> BenchmarkRun {
        let before = DeviceFacts.thermalState
        for _ in 0..<BenchmarkProtocol.warmUp { _ = try renderer.render(frame) }
        var times: [FrameTimes] = []
        for _ in 0..<max(1, rounds) where !isCancelled() {
            times.append(try autoreleasepool { try renderer.render(frame).times })
        }
        if times.isEmpty { throw CancellationError() }
        var paced: Paced?
        if !isCancelled() {
            paced = try Paced(
                fps: BenchmarkProtocol.pacedFPS, seconds: BenchmarkProtocol.pacedSeconds, now: seconds,
                sleep: { Thread.sleep(forTimeInterval: $0) },
                run: { _ = try autoreleasepool { try renderer.render(frame) } })
        }
        let sustained = try sustain(renderer, frame, isCancelled)
        var run = BenchmarkRun(
            setting, effect: effect, start: start, warmUp: BenchmarkProtocol.warmUp, frames: times,
            thermal: .init(before: before, after: DeviceFacts.thermalState))
        run.paced = paced
        run.sustained = sustained
        return run
    }

    private func seconds() -> Double { ProcessInfo.processInfo.systemUptime }

    private func sustain(
        _ renderer: LiveRenderer, _ frame: CVPixelBuffer, _ isCancelled: () -> Bool
    ) throws -> Sustained? {
        let start = seconds()
        var finished: [Double] = []
        while !isCancelled() && (finished.last ?? 0) < sustainedSeconds && sustainedSeconds > 0 {
            _ = try autoreleasepool { try renderer.render(frame) }
            finished.append(seconds() - start)
        }
        return finished.isEmpty || isCancelled() ? nil : Sustained(finishedAt: finished)
    }

    /// A frame of pseudorandom pixels. A network's latency does not depend on its input.
    private func generatedFrame() throws -> CVPixelBuffer {
        var picture = Raster<UInt8>(width: frame.width, height: frame.height, channels: 3, filledWith: 0)
        for i in picture.values.indices { picture.values[i] = UInt8(truncatingIfNeeded: (i &* 2_654_435_761) >> 13) }
        let buffer = try PixelBuffers.make(frame)
        try PixelBuffers.write(picture, to: buffer)
        return buffer
    }
}
