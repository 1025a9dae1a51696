import Foundation

/// A benchmark's result, in the schema that the laptop, phone and browser benchmarks share (bench.schema.json).
public struct BenchmarkResult: Codable, Equatable, Sendable {
    public struct Model: Codable, Equatable, Sendable {
        public let name: String
        /// nil for a model of the system, which is no file.
        public let sha256: String?

        public init(_ bundle: ModelBundle) {
            name = bundle.name
            sha256 = bundle.sha256
        }

        public init(builtIn name: String) {
            self.name = name
            sha256 = nil
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
        public let content: String

        public init(_ size: PixelSize, content: String) {
            width = size.width
            height = size.height
            self.content = content
        }
    }

    public let schema: Int
    public let pspm: String
    public let app: String
    public let build: String
    public let measured: Date
    public let model: Model
    public let device: Device
    public let frame: Frame
    public let runs: [BenchmarkRun]

    public init(pspm: String, measured: Date, model: Model, device: Device, frame: Frame, runs: [BenchmarkRun]) {
        schema = 2
        app = "ios"
        #if DEBUG
            build = "debug"
        #else
            build = "release"
        #endif
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

    /// How long the app took to be ready, in milliseconds.
    public struct Start: Equatable, Sendable {
        public let load: Double
        public let firstFrame: Double

        public init(load: Double, firstFrame: Double) {
            self.load = load
            self.firstFrame = firstFrame
        }
    }

    /// What every run states: the network and where it runs.
    public struct Setting: Equatable, Sendable {
        public let engine: String
        public let delegate: String
        public let precision: String
        public let size: PixelSize
        public let model: BenchmarkResult.Model

        public init(engine: String, delegate: String, precision: String, size: PixelSize, model: BenchmarkResult.Model)
        {
            self.engine = engine
            self.delegate = delegate
            self.precision = precision
            self.size = size
            self.model = model
        }
    }

    public let engine: String
    public let delegate: String
    public let precision: String
    public let model: BenchmarkResult.Model
    public let effect: BenchmarkEffect
    public let loadMilliseconds: Double?
    public let firstFrameMilliseconds: Double?
    /// Always nil: Core ML chooses its number of threads.
    public let threads: Int?
    public let size: [Int]
    public let warmUp: Int?
    public let rounds: Int?
    public let stages: StageStatistics?
    public let fps: Double?
    public var thermal: Thermal?
    public var paced: Paced?
    public var sustained: Sustained?
    public let refused: String?

    /// Tells runs of one result apart.
    public var id: String { "\(engine) \(delegate) \(effect.rawValue)" }

    enum CodingKeys: String, CodingKey {
        case engine, delegate, precision, model, effect, threads, size, rounds, fps, thermal, paced, sustained, refused
        case loadMilliseconds = "load_ms"
        case firstFrameMilliseconds = "first_frame_ms"
        case warmUp = "warm_up"
        case stages = "stages_ms"
    }

    public init(
        _ setting: Setting, effect: BenchmarkEffect, start: Start, warmUp: Int, frames: [FrameTimes], thermal: Thermal
    ) {
        let stages = StageStatistics(of: frames)
        engine = setting.engine
        delegate = setting.delegate
        precision = setting.precision
        model = setting.model
        self.effect = effect
        loadMilliseconds = start.load
        firstFrameMilliseconds = start.firstFrame
        threads = nil
        size = [setting.size.height, setting.size.width]
        self.warmUp = warmUp
        rounds = frames.count
        self.stages = stages
        fps = 1000 / stages.total.mean
        self.thermal = thermal
        refused = nil
    }

    public init(_ setting: Setting, effect: BenchmarkEffect, refused: String) {
        engine = setting.engine
        delegate = setting.delegate
        precision = setting.precision
        model = setting.model
        self.effect = effect
        loadMilliseconds = nil
        firstFrameMilliseconds = nil
        threads = nil
        size = [setting.size.height, setting.size.width]
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
        try container.encode(model, forKey: .model)
        try container.encode(effect, forKey: .effect)
        try container.encodeIfPresent(loadMilliseconds, forKey: .loadMilliseconds)
        try container.encodeIfPresent(firstFrameMilliseconds, forKey: .firstFrameMilliseconds)
        // The schema requires this entry; null means that the engine decides.
        try container.encode(threads, forKey: .threads)
        try container.encode(size, forKey: .size)
        try container.encodeIfPresent(warmUp, forKey: .warmUp)
        try container.encodeIfPresent(rounds, forKey: .rounds)
        try container.encodeIfPresent(stages, forKey: .stages)
        try container.encodeIfPresent(fps, forKey: .fps)
        try container.encodeIfPresent(thermal, forKey: .thermal)
        try container.encodeIfPresent(paced, forKey: .paced)
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
    /// Frames per second in each tenth of the time.
    public let fpsTenths: [Double]

    enum CodingKeys: String, CodingKey {
        case seconds, frames, fps
        case fpsFirstTenth = "fps_first_tenth"
        case fpsLastTenth = "fps_last_tenth"
        case fpsTenths = "fps_tenths"
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
        fpsTenths = (0..<10).map { i in
            // The last frame ends the last tenth, whatever the rounding.
            let last = i == 9 ? Double.infinity : tenth * Double(i + 1)
            return Double(times.filter { $0 > tenth * Double(i) && $0 <= last }.count) / tenth
        }
        fpsFirstTenth = fpsTenths[0]
        fpsLastTenth = fpsTenths[9]
    }
}
