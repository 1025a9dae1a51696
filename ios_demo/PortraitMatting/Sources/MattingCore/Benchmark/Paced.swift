/// Frames that come at an even rate, as from a camera: how many were shown, and how many dropped.
public struct Paced: Codable, Equatable, Sendable {
    public let fps: Double
    public let seconds: Double
    public let frames: Int
    public let dropped: Int

    /// Run frames that come `fps` times a second.
    ///
    /// A frame that comes while another is computed is dropped, unless it is the newest when that one is done. `now` is
    /// the clock in seconds, and `sleep` waits for some seconds.
    public init(
        fps: Double, seconds: Double, now: () -> Double, sleep: (Double) -> Void, run: () throws -> Void
    ) rethrows {
        let all = max(1, Int((fps * seconds).rounded()))
        let start = now()
        var (shown, number) = (0, 0)
        while number < all {
            let early = start + Double(number) / fps - now()
            if early > 0 { sleep(early) }
            try run()
            shown += 1
            number = max(number + 1, Int((now() - start) * fps))
        }
        self.fps = fps
        self.seconds = Double(all) / fps
        frames = shown
        dropped = all - shown
    }
}
