/// Frame rates of live video over a short time.
public struct LiveRates: Equatable, Sendable {
    /// Frames per second that the camera delivered.
    public let camera: Double
    /// Frames per second that were composed.
    public let shown: Double
    /// Frames of the camera that were not composed.
    public let dropped: Int
    /// Mean time of the stages of a frame, in milliseconds.
    public let mean: FrameTimes

    /// Rates of the composed frames and of the dropped ones of some seconds; nil if none was composed.
    public init?(of frames: [FrameTimes], drops: Int, seconds: Double) {
        guard !frames.isEmpty, seconds > 0 else { return nil }
        let count = Double(frames.count)
        camera = Double(frames.count + drops) / seconds
        shown = count / seconds
        dropped = drops
        mean = FrameTimes(
            pre: frames.map(\.pre).reduce(0, +) / count,
            inference: frames.map(\.inference).reduce(0, +) / count,
            post: frames.map(\.post).reduce(0, +) / count)
    }
}
