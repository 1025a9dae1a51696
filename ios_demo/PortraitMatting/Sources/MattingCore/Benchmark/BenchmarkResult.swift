import Foundation

/// A benchmark's result, in the schema that the laptop, phone and browser benchmarks share (bench.schema.json).
public struct BenchmarkResult: Codable, Equatable, Sendable {
    public struct Model: Codable, Equatable, Sendable {
        public let name: String
        public let sha256: String

        public init(_ bundle: ModelBundle) {
            name = bundle.name
            sha256 = bundle.sha256
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

/// The result for one choice of compute units and precision: either measured, or refused with a reason.
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
    /// Always nil: Core ML chooses its number of threads.
    public let threads: Int?
    public let size: [Int]
    public let warmUp: Int?
    public let rounds: Int?
    public let stages: StageStatistics?
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
        let stages = StageStatistics(of: frames)
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
        // The schema requires this entry; null means that the engine decides.
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

/// Statistics of every stage over one frame or more, in milliseconds.
public struct StageStatistics: Codable, Equatable, Sendable {
    public let pre: Statistics
    public let inference: Statistics
    public let post: Statistics
    public let total: Statistics

    public init(of frames: [FrameTimes]) {
        pre = Statistics.summary(of: frames.map(\.pre))
        inference = Statistics.summary(of: frames.map(\.inference))
        post = Statistics.summary(of: frames.map(\.post))
        total = Statistics.summary(of: frames.map(\.total))
    }
}

/// Frame rate of a sustained run, from its first to its last tenth: how much speed remains once the device is warm.
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

    /// `times` holds, for every frame in order, the seconds from the start until it was finished. There is at least one
    /// frame, and the last one ends the run.
    public init(finishedAt times: [Double]) {
        precondition(!times.isEmpty, "there are no finished frames")
        let end = times[times.count - 1]
        let tenth = max(end / 10, .leastNormalMagnitude)
        seconds = end
        frames = times.count
        fps = Double(times.count) / max(end, .leastNormalMagnitude)
        fpsFirstTenth = Double(times.filter { $0 <= tenth }.count) / tenth
        fpsLastTenth = Double(times.filter { $0 > end - tenth }.count) / tenth
    }
}
