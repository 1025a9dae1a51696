import Foundation
import MattingCore
import Testing

@Suite struct RecordingTests {
    private let upright = PixelSize(width: 720, height: 960)

    @Test func theFirstFrameIsAtZeroAndTimesRise() {
        var timeline = RecordingTimeline()
        #expect(!timeline.hasFrames)
        #expect(timeline.add(5000) == 0)
        #expect(timeline.add(5000 + 1.0 / 30) == 3000)
        #expect(timeline.add(5000 + 1.0 / 30) == nil)
        #expect(timeline.add(4999) == nil)
        #expect(timeline.add(.nan) == nil)
        #expect(timeline.add(5002) == 180_000)
        #expect(timeline.seconds == 2)
    }

    @Test func aFinishedRecordingHasItsFrames() async throws {
        let file = FakeFile()
        let recording = LiveRecording { size in file.opened(size) }
        for i in 0..<4 { try recording.append(size: upright, seconds: 10 + Double(i) / 30) { $0.written += 1 } }
        #expect(try await recording.finish() == file.url)
        #expect(file.sizes == [upright])
        #expect(file.ticks == [0, 3000, 6000, 9000])
        #expect(file.buffer.written == 4)
        #expect(file.end == .finished)
        #expect(abs(recording.seconds - 0.1) < 1e-4)
    }

    @Test func framesThatTheEncoderCannotTakeAreLeftOut() async throws {
        let file = FakeFile()
        let recording = LiveRecording { size in file.opened(size) }
        try recording.append(size: upright, seconds: 1) { $0.written += 1 }
        file.isReady = false
        try recording.append(size: upright, seconds: 2) { $0.written += 1 }
        file.isReady = true
        try recording.append(size: upright, seconds: 3) { $0.written += 1 }
        #expect(file.ticks == [0, 180_000])
        #expect(file.buffer.written == 2)
    }

    @Test func nothingIsLeftOfARecordingWithoutFrames() async throws {
        let unopened = LiveRecording { _ -> FakeFile in throw MattingError.recordingFailed("unused") }
        #expect(try await unopened.finish() == nil)
        let file = FakeFile()
        file.isReady = false
        let recording = LiveRecording { size in file.opened(size) }
        try recording.append(size: upright, seconds: 1) { $0.written += 1 }
        #expect(try await recording.finish() == nil)
        #expect(file.end == .cancelled)
    }

    @Test func aRecordingThatIsOverTakesNoFrameAndFinishesOnce() async throws {
        let file = FakeFile()
        let recording = LiveRecording { size in file.opened(size) }
        try recording.append(size: upright, seconds: 1) { $0.written += 1 }
        #expect(try await recording.finish() == file.url)
        try recording.append(size: upright, seconds: 2) { $0.written += 1 }
        #expect(try await recording.finish() == nil)
        #expect(file.ticks == [0])
    }

    @Test func aTurnedPictureStopsTheRecordingAndKeepsIt() async throws {
        let file = FakeFile()
        let recording = LiveRecording { size in file.opened(size) }
        try recording.append(size: upright, seconds: 1) { $0.written += 1 }
        #expect(throws: MattingError.recordingStopped("the picture was turned")) {
            try recording.append(size: PixelSize(width: 960, height: 720), seconds: 2) { $0.written += 1 }
        }
        try recording.append(size: upright, seconds: 3) { $0.written += 1 }
        #expect(try await recording.finish() == file.url)
        #expect(file.ticks == [0])
    }

    @Test func errorsOfTheFileReachTheCaller() async throws {
        let file = FakeFile()
        let recording = LiveRecording { size in file.opened(size) }
        try recording.append(size: upright, seconds: 1) { $0.written += 1 }
        file.failure = .recordingFailed("the disk is full")
        #expect(throws: MattingError.recordingFailed("the disk is full")) {
            try recording.append(size: upright, seconds: 2) { $0.written += 1 }
        }
        await #expect(throws: MattingError.recordingFailed("the disk is full")) { try await recording.finish() }
        #expect(file.end == nil)
    }
}

/// A file that only remembers what happened to it.
private final class FakeFile: LiveRecordingFile, @unchecked Sendable {
    final class Buffer { var written = 0 }
    enum End { case finished, cancelled }

    let url = URL(fileURLWithPath: "/recording.mp4")
    let buffer = Buffer()
    var isReady = true
    var failure: MattingError?
    private(set) var sizes: [PixelSize] = []
    private(set) var ticks: [Int64] = []
    private(set) var end: End?

    func opened(_ size: PixelSize) -> FakeFile {
        sizes.append(size)
        return self
    }

    func append(at ticks: Int64, fill: (Buffer) throws -> Void) throws {
        if let failure { throw failure }
        try fill(buffer)
        self.ticks.append(ticks)
    }

    func finish() async throws {
        if let failure { throw failure }
        end = .finished
    }

    func cancel() { end = .cancelled }
}
