import Foundation

/// What a benchmark says, in the schema that laptops, phones and browsers share (bench.schema.json).
public struct BenchmarkResult: Codable, Equatable, Sendable {
    public struct Model: Codable, Equatable, Sendable {
        public let name: String
        public let sha256: String

        public init(_ manifest: Manifest) {
            name = manifest.name
            sha256 = manifest.sha256
        }
    }

    public struct Device: Codable, Equatable, Sendable {
        public let name: String
        public let system: String
        public let processor: String
        public let cores: Int

        public init(name: String, system: String, processor: String, cores: Int) {
            self.name = name
            self.system = system
            self.processor = processor
            self.cores = cores
        }
    }

    public struct Frame: Codable, Equatable, Sendable {
        public let width: Int
        public let height: Int

        public init(_ size: Size) {
            width = size.width
            height = size.height
        }
    }

    public let schema: Int
    public let pspm: String
    public let app: String
    public let measured: Date
    public let model: Model
    public let device: Device
    public let frame: Frame
    public let runs: [BenchmarkRun]

    public init(pspm: String, measured: Date, model: Model, device: Device, frame: Frame, runs: [BenchmarkRun]) {
        schema = 1
        app = "ios"
        self.pspm = pspm
        self.measured = measured
        self.model = model
        self.device = device
        self.frame = frame
        self.runs = runs
    }

    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(self)
    }
}

/// One choice of compute units and precision: measured, or refused with its reason.
public struct BenchmarkRun: Codable, Equatable, Sendable {
    public struct Thermal: Codable, Equatable, Sendable {
        public let before: String
        public let after: String

        public init(before: String, after: String) {
            self.before = before
            self.after = after
        }
    }

    public let engine: String
    public let delegate: String
    public let precision: String
    /// Core ML decides how many threads it uses.
    public let threads: Int?
    public let size: [Int]
    public let warmUp: Int?
    public let rounds: Int?
    public let stages: StageSummaries?
    public let fps: Double?
    public var thermal: Thermal?
    public var sustained: Sustained?
    public let refused: String?

    enum CodingKeys: String, CodingKey {
        case engine, delegate, precision, threads, size, rounds, fps, thermal, sustained, refused
        case warmUp = "warm_up"
        case stages = "stages_ms"
    }

    public init(
        engine: String, delegate: String, precision: String, size: Size, warmUp: Int, frames: [FrameTimes],
        thermal: Thermal
    ) {
        let stages = StageSummaries(of: frames)
        self.engine = engine
        self.delegate = delegate
        self.precision = precision
        threads = nil
        self.size = [size.height, size.width]
        self.warmUp = warmUp
        rounds = frames.count
        self.stages = stages
        fps = 1000 / stages.total.mean
        self.thermal = thermal
        refused = nil
    }

    public init(engine: String, delegate: String, precision: String, size: Size, refused: String) {
        self.engine = engine
        self.delegate = delegate
        self.precision = precision
        threads = nil
        self.size = [size.height, size.width]
        warmUp = nil
        rounds = nil
        stages = nil
        fps = nil
        self.refused = refused
    }

    public func encode(to encoder: Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(engine, forKey: .engine)
        try container.encode(delegate, forKey: .delegate)
        try container.encode(precision, forKey: .precision)
        // The schema requires the entry: null says that the engine decides.
        try container.encode(threads, forKey: .threads)
        try container.encode(size, forKey: .size)
        try container.encodeIfPresent(warmUp, forKey: .warmUp)
        try container.encodeIfPresent(rounds, forKey: .rounds)
        try container.encodeIfPresent(stages, forKey: .stages)
        try container.encodeIfPresent(fps, forKey: .fps)
        try container.encodeIfPresent(thermal, forKey: .thermal)
        try container.encodeIfPresent(sustained, forKey: .sustained)
        try container.encodeIfPresent(refused, forKey: .refused)
    }
}

/// Wall-clock milliseconds of one frame.
public struct FrameTimes: Equatable, Sendable {
    public let pre: Double
    public let inference: Double
    public let post: Double

    public init(pre: Double, inference: Double, post: Double) {
        self.pre = pre
        self.inference = inference
        self.post = post
    }

    public var total: Double { pre + inference + post }
}

/// The summaries of every stage over many frames.
public struct StageSummaries: Codable, Equatable, Sendable {
    public let pre: Summary
    public let inference: Summary
    public let post: Summary
    public let total: Summary

    /// Of one frame or more.
    public init(of frames: [FrameTimes]) {
        pre = Summary(of: frames.map(\.pre))
        inference = Summary(of: frames.map(\.inference))
        post = Summary(of: frames.map(\.post))
        total = Summary(of: frames.map(\.total))
    }
}

/// Frames as fast as they go, for a minute: what is left of the speed when the device is warm.
public struct Sustained: Codable, Equatable, Sendable {
    public let seconds: Double
    public let frames: Int
    public let fps: Double
    public let fpsFirstTenth: Double
    public let fpsLastTenth: Double

    enum CodingKeys: String, CodingKey {
        case seconds, frames, fps
        case fpsFirstTenth = "fps_first_tenth"
        case fpsLastTenth = "fps_last_tenth"
    }

    /// From the seconds after the start at which each frame was done, in order, at least one; the run lasted until the last.
    public init(finishedAt times: [Double]) {
        precondition(!times.isEmpty, "no frame was finished")
        let end = times[times.count - 1]
        let tenth = max(end / 10, .leastNormalMagnitude)
        seconds = end
        frames = times.count
        fps = Double(times.count) / max(end, .leastNormalMagnitude)
        fpsFirstTenth = Double(times.filter { $0 <= tenth }.count) / tenth
        fpsLastTenth = Double(times.filter { $0 > end - tenth }.count) / tenth
    }
}
