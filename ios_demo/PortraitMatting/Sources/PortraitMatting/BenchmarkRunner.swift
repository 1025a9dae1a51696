import CoreVideo
import Foundation
import MattingCore

/// Measures whole frames, from the camera's buffer to the composed picture, with every choice of compute units.
///
/// Runs where it is called and takes a while: not on the main thread.
public struct BenchmarkRunner: Sendable {
    public var warmUp = 10
    public var rounds = 100
    /// Seconds of the sustained run; 0 leaves it out.
    public var sustainedSeconds = 60.0
    public var frame = Size(width: 720, height: 960)

    public init() {}

    /// One run. What the device refuses comes back as refused, with its reason. Stops early where `isCancelled` says so.
    public func run(
        _ source: PortraitMatting.Source, units: ComputeUnits, isCancelled: () -> Bool = { Task.isCancelled }
    ) throws -> BenchmarkRun {
        let manifest = try Manifest.read(folder: source.folder)
        let engine = "Core ML of \(DeviceFacts.current.system)"
        let size = manifest.input.size.fit(frame)
        let precision = manifest.precision ?? "unknown"
        do {
            let renderer = try LiveRenderer(model: CoreMLModel(bundle: source.folder, computeUnits: units))
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

    /// Different in every pixel; what a network costs does not depend on what it sees.
    private func generatedFrame() throws -> CVPixelBuffer {
        var picture = Raster<UInt8>(width: frame.width, height: frame.height, channels: 3, filledWith: 0)
        for i in picture.values.indices { picture.values[i] = UInt8(truncatingIfNeeded: (i &* 2_654_435_761) >> 13) }
        let buffer = try PixelBuffers.make(frame)
        try PixelBuffers.write(picture, to: buffer)
        return buffer
    }
}
