import CoreVideo
import Foundation
import MattingCore

/// Measures whole frames, from the camera's buffer to the composed picture.
///
/// `run` blocks for seconds to minutes: do not call it on the main thread.
public struct BenchmarkRunner: Sendable {
    /// Frames before the measured ones.
    public var warmUp = 10
    /// Measured frames.
    public var rounds = 100
    /// Seconds of the sustained run; 0 skips it.
    public var sustainedSeconds = 60.0
    public var frame = Size(width: 720, height: 960)

    public init() {}

    /// Measure one choice of compute units. If the device cannot run it, the result is refused, with the reason.
    ///
    /// Stops early once `isCancelled` returns true. Throws `CancellationError` if no frame was measured by then.
    public func run(
        _ source: PortraitMatting.Source, units: ComputeUnits, isCancelled: () -> Bool = { Task.isCancelled }
    ) throws -> BenchmarkRun {
        let bundle = try ModelBundle.open(source.folder)
        let engine = "Core ML of \(DeviceFacts.current.system)"
        let size = bundle.input.size.fit(frame)
        let precision = bundle.precision ?? "unknown"
        do {
            let renderer = try LiveRenderer(engine: CoreMLEngine(bundle: source.folder, computeUnits: units))
            try renderer.setBackground(.blur(strength: 0.5))
            let frame = try generatedFrame()
            let before = DeviceFacts.thermalState
            for _ in 0..<warmUp { _ = try renderer.render(frame) }
            var times: [FrameTimes] = []
            for _ in 0..<max(1, rounds) where !isCancelled() {
                times.append(try autoreleasepool { try renderer.render(frame).times })
            }
            if times.isEmpty { throw CancellationError() }
            let sustained = try sustain(renderer, frame, isCancelled)
            var run = BenchmarkRun(
                engine: engine, delegate: units.rawValue, precision: precision, size: size, warmUp: warmUp,
                frames: times, thermal: .init(before: before, after: DeviceFacts.thermalState))
            run.sustained = sustained
            return run
        } catch let error as MattingError {
            return BenchmarkRun(
                engine: engine, delegate: units.rawValue, precision: precision, size: size,
                refused: error.localizedDescription)
        }
    }

    private func sustain(
        _ renderer: LiveRenderer, _ frame: CVPixelBuffer, _ isCancelled: () -> Bool
    ) throws -> Sustained? {
        let start = ProcessInfo.processInfo.systemUptime
        var finished: [Double] = []
        while !isCancelled() && (finished.last ?? 0) < sustainedSeconds && sustainedSeconds > 0 {
            _ = try autoreleasepool { try renderer.render(frame) }
            finished.append(ProcessInfo.processInfo.systemUptime - start)
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
