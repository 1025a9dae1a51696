/// A calm matte from frame to frame, for what comes from a camera.
public struct Smoothing: Sendable {
    private static let still: Float = 0.25
    private static let jump: Float = 0.25

    private var shown: Raster<Float>?

    public init() {}

    /// The alpha to show for a frame: a recursive average, pixel by pixel.
    ///
    /// What was shown moves towards the network's alpha by a share of their difference d, and the share, 1/4 + 4 |d| and
    /// at most 1, grows with it. What flickers is averaged over several frames, and what moves is followed at once: the
    /// result is never further than 9/255 from the network's alpha, so nothing leaves a ghost behind. An alpha of
    /// another size (device turned) begins a new sequence.
    public mutating func smooth(_ alpha: Raster<Float>) -> Raster<Float> {
        guard var next = shown, next.size == alpha.size else {
            shown = alpha
            return alpha
        }
        next.values.withUnsafeMutableBufferPointer { next in
            alpha.values.withUnsafeBufferPointer { alpha in
                for i in 0..<next.count {
                    let difference = alpha[i] - next[i]
                    next[i] += min(Smoothing.still + abs(difference) / Smoothing.jump, 1) * difference
                }
            }
        }
        shown = next
        return next
    }

    /// Begin a new sequence: another camera, another scene.
    public mutating func restart() { shown = nil }
}
