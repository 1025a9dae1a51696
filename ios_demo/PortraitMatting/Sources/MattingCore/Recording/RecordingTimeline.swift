/// The times of a recording's frames in its file, from the camera's times.
///
/// The first frame is at 0, whatever the camera's clock says. Times in a file must rise, so a frame that is not later than
/// the one before it is left out.
package struct RecordingTimeline: Sendable {
    /// Ticks of a second in the file's times.
    package static let ticksPerSecond: Int32 = 90_000

    private var start: Double?
    private var last: Int64?

    package init() {}

    /// Seconds from the first frame to the last.
    package var seconds: Double { Double(last ?? 0) / Double(Self.ticksPerSecond) }

    /// Whether a frame was added.
    package var hasFrames: Bool { last != nil }

    /// Add a frame of a camera's time in seconds. Returns its time in ticks, or nil if it must be left out.
    package mutating func add(_ seconds: Double) -> Int64? {
        guard seconds.isFinite else { return nil }
        let start = start ?? seconds
        let ticks = Int64(((seconds - start) * Double(Self.ticksPerSecond)).rounded())
        if let last, ticks <= last { return nil }
        (self.start, last) = (start, ticks)
        return ticks
    }
}
