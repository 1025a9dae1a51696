import Foundation

/// The file of a `LiveRecording`, which encodes its frames.
public protocol LiveRecordingFile: Sendable {
    /// What the encoder reads a frame from.
    associatedtype Buffer

    var url: URL { get }

    /// Whether the encoder takes a frame now. It does not while it is behind.
    var isReady: Bool { get }

    /// Encode a frame that `fill` writes into a buffer of the file's size.
    func append(at ticks: Int64, fill: (Buffer) throws -> Void) throws

    /// Complete the file. If that fails, remove it and throw.
    func finish() async throws

    /// Remove the file.
    func cancel()
}

/// One recording of live video, from its first frame to a complete file, or none.
///
/// Frames come on one thread, and another may finish the recording at any time. The first frame decides the size.
public final class LiveRecording<File: LiveRecordingFile>: @unchecked Sendable {
    private let open: @Sendable (PixelSize) throws -> File
    private let lock = NSLock()
    private var file: File?
    private var size: PixelSize?
    private var timeline = RecordingTimeline()
    private var isOver = false

    /// `open` makes the file for frames of a size, when the first one comes.
    public init(open: @escaping @Sendable (PixelSize) throws -> File) { self.open = open }

    /// Seconds from the first frame to the last.
    public var seconds: Double { locked { timeline.seconds } }

    /// Append a frame of a camera's time in seconds. `fill` writes it into the file's buffer, and is not called for a
    /// frame that is left out: the recording is over, the encoder is behind, or the frame is not later than the last.
    ///
    /// Throws what the file throws, or `MattingError.recordingStopped` for a frame of another size. Then the recording
    /// takes no more frames, and `finish` completes what there is.
    public func append(size: PixelSize, seconds: Double, fill: (File.Buffer) throws -> Void) throws {
        try locked {
            guard !isOver else { return }
            do {
                let file = try opened(for: size)
                guard file.isReady, let ticks = timeline.add(seconds) else { return }
                try file.append(at: ticks, fill: fill)
            } catch {
                isOver = true
                throw error
            }
        }
    }

    /// Take no more frames and complete the file. Returns nil if there was no frame, or if it was finished before.
    ///
    /// Throws what the file throws; then there is no file.
    public func finish() async throws -> URL? {
        guard let file = taken() else { return nil }
        try await file.finish()
        return file.url
    }

    private func opened(for size: PixelSize) throws -> File {
        if let file {
            guard self.size == size else { throw MattingError.recordingStopped("the picture was turned") }
            return file
        }
        let new = try open(size)
        (file, self.size) = (new, size)
        return new
    }

    /// The file to complete, once.
    private func taken() -> File? {
        locked {
            defer { file = nil }
            isOver = true
            if !timeline.hasFrames { file?.cancel() }
            return timeline.hasFrames ? file : nil
        }
    }

    private func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body()
    }
}
